// hash: the cohorts of this family, one line each.

import type { CommandSpec } from "../spec.ts";
import { DEL_COMMANDS } from "./del.ts";
import { EXPIRE_COMMANDS } from "./expire.ts";
import { GET_COMMANDS } from "./get.ts";
import { INCR_COMMANDS } from "./incr.ts";
import { RANDOM_COMMANDS } from "./random.ts";
import { SET_COMMANDS } from "./set.ts";
import { SET_UNTIL_COMMANDS } from "./set_until.ts";
import { TTL_COMMANDS } from "./ttl.ts";
import { WALK_COMMANDS } from "./walk.ts";

export const HASH_COMMANDS: readonly CommandSpec[] = [
  ...GET_COMMANDS,
  ...SET_COMMANDS,
  ...DEL_COMMANDS,
  ...INCR_COMMANDS,
  ...WALK_COMMANDS,
  ...RANDOM_COMMANDS,
  ...EXPIRE_COMMANDS,
  ...TTL_COMMANDS,
  ...SET_UNTIL_COMMANDS,
];
