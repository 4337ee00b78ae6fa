/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* One file a verb. argv[0] is the verb; returns the exit status of the program. */

int verb_list(int argc, char **argv);
int verb_pause(int argc, char **argv);
int verb_profile(int argc, char **argv);
int verb_resume(int argc, char **argv);
int verb_scale(int argc, char **argv);
int verb_security(int argc, char **argv);
int verb_simulate(int argc, char **argv);
int verb_status(int argc, char **argv);
int verb_top(int argc, char **argv);
int verb_verify(int argc, char **argv);
