/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ad_test_redis.h"
#include "contract.h"

const struct state_factory *contract_factory;

static const char *sqlite_url(const char *dir)
{
    /* The parts are joined with a slash: dir is absolute, and "//" is "/". */
    return ad_test_path("sqlite:", "%s/state.db", dir);
}

static struct ad_test_redis server;

/* One server for all; a folder is a prefix, and holds the records. */
static const char *redis_url(const char *dir)
{
    return ad_test_path("redis:unix:", "%s?prefix=%s:&records=%s/records.db", server.socket,
                        dir, dir);
}

static const struct state_factory factories[] = {
    {.name = "sqlite", .url = sqlite_url},
    {.name = "redis", .url = redis_url, .own_clock = true},
};

struct ad_state *contract_open_with(const char *dir, const struct ad_state_params *params)
{
    artdag_error err = {0};
    struct ad_state *state = NULL;
    assert_ok(ad_state_open_with(contract_factory->url(dir), params, &state, &err));
    return state;
}

struct ad_state *contract_open(const char *dir)
{
    return contract_open_with(dir, NULL);
}

struct ad_id contract_id(uint64_t n)
{
    struct ad_id id = {{0}};
    (void)!ad_sha256(&n, sizeof(n), id.bytes, NULL);
    return id;
}

struct ad_cid contract_cid(uint64_t n)
{
    struct ad_id digest = contract_id(~n);
    return ad_cid_v1(AD_CODEC_DAG_PB, digest.bytes);
}

int contract_processes(int count, int (*child)(void *payload, int i), void *payload)
{
    int failed = 0, started = 0;
    for (int i = 0; i < count; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            (void)alarm(100); /* at a barrier one waits for ever for another that failed */
            _exit(child(payload, i));
        }
        started += pid > 0;
    }
    for (int i = 0; i < started; i++) {
        int status = 0;
        if (wait(&status) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
            failed++;
    }
    return failed + (count - started);
}

void *contract_share(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(memory != MAP_FAILED);
    return memory;
}

void contract_unshare(void *memory, size_t size)
{
    (void)munmap(memory, size);
}

int main(void)
{
    int failed = 0;
    ad_test_redis_start(&server, NULL);
    for (size_t i = 0; i < sizeof(factories) / sizeof(factories[0]); i++) {
        char name[64];
        contract_factory = &factories[i];
        (void)snprintf(name, sizeof(name), "maps over %s", contract_factory->name);
        failed |= ad_test_run(name, contract_maps, contract_maps_count);
        (void)snprintf(name, sizeof(name), "claims over %s", contract_factory->name);
        failed |= ad_test_run(name, contract_claims, contract_claims_count);
        if (!contract_factory->own_clock) {
            (void)snprintf(name, sizeof(name), "turned clocks over %s", contract_factory->name);
            failed |= ad_test_run(name, contract_clock, contract_clock_count);
        }
        (void)snprintf(name, sizeof(name), "runs over %s", contract_factory->name);
        failed |= ad_test_run(name, contract_runs, contract_runs_count);
        (void)snprintf(name, sizeof(name), "rates over %s", contract_factory->name);
        failed |= ad_test_run(name, contract_rates, contract_rates_count);
    }
    ad_test_redis_stop(&server);
    return failed != 0;
}
