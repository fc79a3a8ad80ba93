// del.ts: keys that go on request: DEL, UNLINK.
//
// UNLINK gives the memory of large values back in slices, and so does DEL unless lazyfree-lazy-user-del says no.

import type { Ctx } from "../context.ts";
import { deleteKey, lookupQuiet } from "../lookup.ts";
import { notify, NOTIFY_GENERIC } from "../notify.ts";
import { type CommandSpec, FAST, keyRange, WRITE } from "../spec.ts";

function del(ctx: Ctx): void {
  remove(ctx, ctx.keyspace.lazyUserDel);
}

function unlink(ctx: Ctx): void {
  remove(ctx, true);
}

function remove(ctx: Ctx, later: boolean): void {
  let count = 0;
  for (let i = 1; i < ctx.argc; i++) {
    const rec = lookupQuiet(ctx, i);
    if (rec === 0) continue;
    deleteKey(ctx, i, rec, later);
    notify(ctx, NOTIFY_GENERIC, "del", i);
    count++;
  }
  ctx.out.integer(count);
}

export const DEL_COMMANDS: readonly CommandSpec[] = [
  {
    name: "DEL",
    group: "generic",
    since: "1.0.0",
    arity: -2,
    flags: WRITE,
    acl: ["@keyspace"],
    keys: [keyRange(1, -1, 1, "RM delete")],
    args: [{ name: "key", type: "key", keySpec: 0, multiple: true }],
    summary: "Removes keys with everything in them and counts those that existed.",
    complexity: "O(N) for N keys; a key with M elements adds O(M), a string O(1)",
    tips: ["request_policy:multi_shard", "response_policy:agg_sum"],
    reply: ["integer"],
    examples: [["MSET a 1 b 2", "+OK"], ["DEL a b c", ":2"], ["DEL a", ":0"]],
    run: del,
  },
  {
    name: "UNLINK",
    group: "generic",
    since: "4.0.0",
    arity: -2,
    flags: WRITE | FAST,
    acl: ["@keyspace"],
    keys: [keyRange(1, -1, 1, "RM delete")],
    args: [{ name: "key", type: "key", keySpec: 0, multiple: true }],
    summary:
      "Removes keys and counts those that existed; memory of large values may come back later.",
    complexity: "O(1) for each key removed, then O(N) out of the way for N elements in it",
    tips: ["request_policy:multi_shard", "response_policy:agg_sum"],
    reply: ["integer"],
    examples: [["MSET a 1 b 2", "+OK"], ["UNLINK a b c", ":2"], ["EXISTS a", ":0"]],
    run: unlink,
  },
];
