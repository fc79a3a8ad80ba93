// read_mode.ts: READONLY, READWRITE: whether a client takes possibly old answers from a replica of a cluster. Without a
// cluster the wish is kept and shown, and changes nothing.

import type { Ctx } from "../context.ts";
import { type CommandSpec, FAST, LOADING, STALE } from "../spec.ts";

function readonly(ctx: Ctx): void {
  ctx.client.readsReplicas = true;
  ctx.out.ok();
}

function readwrite(ctx: Ctx): void {
  ctx.client.readsReplicas = false;
  ctx.out.ok();
}

const COMMON = {
  group: "cluster",
  since: "3.0.0",
  arity: 1,
  flags: LOADING | STALE | FAST,
  acl: ["@connection"],
  complexity: "O(1)",
  reply: ["simple"],
} as const;

export const READ_MODE_COMMANDS: readonly CommandSpec[] = [
  {
    ...COMMON,
    name: "READONLY",
    summary: "Lets this connection read from a replica of a cluster, old answers included.",
    examples: [["READONLY", "+OK"]],
    run: readonly,
  },
  {
    ...COMMON,
    name: "READWRITE",
    summary: "Takes back READONLY: questions about keys of others are redirected again.",
    examples: [["READONLY", "+OK"], ["READWRITE", "+OK"]],
    run: readwrite,
  },
];
