/* SPDX-License-Identifier: MIT
 *
 * Private to state: who holds a claim. A process is named "BOOT.NAMESPACE.PID.START": 16 hex digits
 * of the kernel's boot id, the inode of the pid namespace, the pid, and the process's start time in
 * clock ticks. An owner token is that name, a dot and 32 random hex digits. So whoever reads a token
 * on the same machine can tell that its owner has died, without waiting for a lease to run out.
 */
#ifndef AD_STATE_OWNER_H
#define AD_STATE_OWNER_H

#include "state/state.h"

/* This process's name; parts that the system does not tell are 0. */
void ad_owner_process(char out[AD_OWNER_TOKEN_MAX]);

/* True only when the process that a token or a process name starts with is known to be gone: same
 * boot, same namespace, and no such process, a zombie, or another one with its number. Any other
 * text is of an owner that may be alive. */
bool ad_owner_is_gone(const char *token);

#endif
