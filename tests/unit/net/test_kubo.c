/* SPDX-License-Identifier: MIT
 *
 * The RPC's commands against replies in the words of Kubo (and where it says so of js-ipfs).
 */
#include "ad_test_cid.h"
#include "ad_test_http.h"
#include "net/net.h"

#define CID "bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4"

struct node {
    struct fake http;
    const char *status;
    const char *reply;
    char line[1024]; /* of the last request */
};

static bool answer(void *payload, const struct fake_request *request, int fd)
{
    struct node *node = payload;
    (void)snprintf(node->line, sizeof(node->line), "%.*s", (int)strcspn(request->head, "\r"),
                   request->head);
    fake_json(fd, node->status, node->reply);
    return true;
}

static struct ad_kubo *start(struct node *node)
{
    artdag_error err = {0};
    struct ad_endpoint endpoint = {0};
    struct ad_kubo *kubo = NULL;
    *node = (struct node){.status = "200 OK", .reply = ""};
    fake_start(&node->http, answer, node);
    assert_ok(ad_endpoint_parse(ad_str_from(node->http.url), &endpoint, &err));
    struct ad_kubo_params params = {.http = {.endpoint = &endpoint}};
    assert_ok(ad_kubo_create(&params, &kubo, &err));
    ad_endpoint_fini(&endpoint);
    return kubo;
}

static void stop(struct node *node, struct ad_kubo *kubo)
{
    ad_kubo_destroy(kubo);
    fake_stop(&node->http);
}

struct seen {
    char text[2048];
};

static void note(struct seen *seen, const char *a, const char *b)
{
    size_t at = strlen(seen->text);
    (void)snprintf(seen->text + at, sizeof(seen->text) - at, "%s=%s;", a, b);
}

static enum artdag_err note_pin(void *payload, const struct ad_cid *cid, const char *name,
                                artdag_error *err)
{
    (void)err;
    assert_cid_equal(CID, cid);
    note(payload, "pin", name != NULL ? name : "(unknown)");
    return ARTDAG_OK;
}

static void pins_are_read_in_every_form_nodes_send(void **state)
{
    artdag_error err = {0};
    struct node node;
    struct ad_kubo *kubo = start(&node);
    static const char *const replies[][2] = {
        {"{\"Cid\":\"" CID "\",\"Name\":\"a\\nb\",\"Type\":\"recursive\"}\n", "pin=a\nb;"},
        {"{\"Keys\":{\"" CID "\":{\"Type\":\"recursive\",\"Name\":\"x\"}}}\n", "pin=x;"},
        {"{\"Type\":\"recursive\",\"Cid\":\"" CID "\"}", "pin=(unknown);"}, /* js-ipfs */
        {"", ""},
        {"{\"Keys\":{}}", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
        struct seen seen = {0};
        node.reply = replies[i][0];
        assert_ok(ad_kubo_pin_ls(kubo, note_pin, &seen, &err));
        assert_string_equal(seen.text, replies[i][1]);
    }
    assert_non_null(strstr(node.line, "type=recursive"));
    static const char *const bad[] = {"{\"Cid\":\"nonsense\"}", "{}", "[1", "not json"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct seen seen = {0};
        node.reply = bad[i];
        assert_fails(ARTDAG_E_FORMAT, ad_kubo_pin_ls(kubo, note_pin, &seen, &err));
    }
    stop(&node, kubo);
}

static enum artdag_err note_remote(void *payload, const struct ad_cid *cid, const char *name,
                                   const char *status, artdag_error *err)
{
    (void)err;
    assert_cid_equal(CID, cid);
    note(payload, name, status);
    return ARTDAG_OK;
}

static void pinning_services_are_asked_through_the_node(void **state)
{
    artdag_error err = {0};
    struct node node;
    struct seen seen = {0};
    struct ad_kubo *kubo = start(&node);
    struct ad_cid cid = ad_test_cid(CID);
    char status[16] = "untouched";
    (void)state;
    node.reply = "{\"Status\":\"queued\",\"Cid\":\"" CID "\",\"Name\":\"film\"}\n";
    assert_ok(ad_kubo_remote_pin_add(kubo, "my service", &cid, "film", status, &err));
    assert_string_equal(status, "queued");
    assert_non_null(strstr(node.line, "/pin/remote/add?"));
    assert_non_null(strstr(node.line, "service=my%20service&name=film&background=true"));
    node.reply = "{\"Status\":\"pinned\",\"Cid\":\"" CID "\",\"Name\":\"a\"}\n"
                 "{\"Status\":\"failed\",\"Cid\":\"" CID "\",\"Name\":\"b\"}\n";
    assert_ok(ad_kubo_remote_pin_ls(kubo, "s", note_remote, &seen, &err));
    assert_string_equal(seen.text, "a=pinned;b=failed;");
    node.reply = "";
    assert_ok(ad_kubo_remote_pin_rm(kubo, "s", &cid, &err));
    assert_non_null(strstr(node.line, "/pin/remote/rm?"));
    assert_non_null(strstr(node.line, "cid=" CID));
    node.status = "500 Internal Server Error";
    node.reply = "{\"Message\":\"service not known\",\"Code\":0,\"Type\":\"error\"}";
    strcpy(status, "untouched");
    assert_fails(ARTDAG_E_REMOTE,
                 ad_kubo_remote_pin_add(kubo, "s", &cid, "film", status, &err));
    assert_err_says("service not known");
    assert_string_equal(status, "untouched");
    stop(&node, kubo);
}

static enum artdag_err note_file(void *payload, const struct ad_kubo_file *file,
                                 artdag_error *err)
{
    char name[64];
    (void)err;
    assert_cid_equal(CID, &file->cid);
    (void)snprintf(name, sizeof(name), "%.*s %llu", AD_STR_ARG(file->name),
                   (unsigned long long)file->bytes);
    note(payload, name, file->folder ? "folder" : "file");
    return ARTDAG_OK;
}

static void the_nodes_own_files_are_listed(void **state)
{
    artdag_error err = {0};
    struct node node;
    struct seen seen = {0};
    struct ad_kubo *kubo = start(&node);
    (void)state;
    node.reply =
        "{\"Entries\":[{\"Name\":\"films\",\"Type\":1,\"Size\":0,\"Hash\":\"" CID "\"},"
        "{\"Name\":\"a.mp4\",\"Type\":0,\"Size\":12,\"Hash\":\"" CID "\"}]}\n";
    assert_ok(ad_kubo_files_ls(kubo, "/art dag", note_file, &seen, &err));
    assert_string_equal(seen.text, "films 0=folder;a.mp4 12=file;");
    assert_non_null(strstr(node.line, "/files/ls?"));
    assert_non_null(strstr(node.line, "arg=%2Fart%20dag&long=true"));
    node.reply = "{\"Entries\":null}\n";
    assert_ok(ad_kubo_files_ls(kubo, "/", note_file, &seen, &err));
    node.status = "500 Internal Server Error";
    node.reply = "{\"Message\":\"file does not exist\",\"Code\":0,\"Type\":\"error\"}";
    assert_fails(ARTDAG_E_NOTFOUND, ad_kubo_files_ls(kubo, "/x", note_file, &seen, &err));
    stop(&node, kubo);
}

static enum artdag_err note_removed(void *payload, const struct ad_cid *cid, artdag_error *err)
{
    (void)err;
    assert_cid_equal(CID, cid);
    ++*(unsigned *)payload;
    return ARTDAG_OK;
}

static void trouble_during_a_collection_is_reported(void **state)
{
    artdag_error err = {0};
    struct node node;
    struct ad_kubo *kubo = start(&node);
    unsigned removed = 0;
    (void)state;
    node.reply = "{\"Key\":{\"/\":\"" CID "\"}}\n{\"Key\":{\"/\":\"" CID "\"}}\n";
    assert_ok(ad_kubo_gc(kubo, note_removed, &removed, &err));
    assert_int_equal(removed, 2);
    node.reply = "{\"Key\":{\"/\":\"" CID "\"}}\n{\"Error\":\"cannot delete\"}\n";
    assert_fails(ARTDAG_E_REMOTE, ad_kubo_gc(kubo, note_removed, &removed, &err));
    assert_err_says("cannot delete");
    assert_int_equal(removed, 3);
    stop(&node, kubo);
}

static void what_is_no_node_is_told_so(void **state)
{
    artdag_error err = {0};
    struct node node;
    struct ad_kubo *kubo = start(&node);
    char agent[64] = "";
    (void)state;
    node.reply = "{\"Version\":\"0.39.0\",\"Commit\":\"2896aed\",\"Repo\":\"18\"}\n";
    assert_ok(ad_kubo_version(kubo, agent, &err));
    assert_string_equal(agent, "0.39.0");
    node.reply = "<html>";
    assert_fails(ARTDAG_E_REMOTE, ad_kubo_version(kubo, agent, &err));
    assert_err_says("not an IPFS node");
    stop(&node, kubo);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(pins_are_read_in_every_form_nodes_send),
    cmocka_unit_test(pinning_services_are_asked_through_the_node),
    cmocka_unit_test(the_nodes_own_files_are_listed),
    cmocka_unit_test(trouble_during_a_collection_is_reported),
    cmocka_unit_test(what_is_no_node_is_told_so),
};
AD_TEST_MAIN(tests)
