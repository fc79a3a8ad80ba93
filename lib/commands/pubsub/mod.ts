// The pubsub family: one line a cohort.

import type { CommandSpec } from "../spec.ts";
import { PUBLISH_COMMANDS } from "./publish.ts";
import { SUBSCRIBE_COMMANDS } from "./subscribe.ts";

export const PUBSUB_COMMANDS: readonly CommandSpec[] = [...PUBLISH_COMMANDS, ...SUBSCRIBE_COMMANDS];
