// SPDX-License-Identifier: LGPL-2.1-or-later
import assert from 'node:assert';
import os from 'node:os';

assert(os.networkInterfaces().lo);
console.log('works');
