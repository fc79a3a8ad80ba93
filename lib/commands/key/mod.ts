// key: the cohorts of this family, one line each.

import type { CommandSpec } from "../spec.ts";
import { DATABASE_COMMANDS } from "./database.ts";
import { DEL_COMMANDS } from "./del.ts";
import { DUMP_COMMANDS } from "./dump.ts";
import { EXPIRE_COMMANDS } from "./expire.ts";
import { KEYS_COMMANDS } from "./keys.ts";
import { MIGRATE_COMMANDS } from "./migrate.ts";
import { OBJECT_COMMANDS } from "./object.ts";
import { RENAME_COMMANDS } from "./rename.ts";
import { SCAN_COMMANDS } from "./scan.ts";
import { SORT_COMMANDS } from "./sort.ts";
import { TTL_COMMANDS } from "./ttl.ts";
import { WAIT_COMMANDS } from "./wait.ts";

export const KEY_COMMANDS: readonly CommandSpec[] = [
  ...DEL_COMMANDS,
  ...KEYS_COMMANDS,
  ...SCAN_COMMANDS,
  ...SORT_COMMANDS,
  ...RENAME_COMMANDS,
  ...EXPIRE_COMMANDS,
  ...TTL_COMMANDS,
  ...OBJECT_COMMANDS,
  ...WAIT_COMMANDS,
  ...DUMP_COMMANDS,
  ...MIGRATE_COMMANDS,
  ...DATABASE_COMMANDS,
];
