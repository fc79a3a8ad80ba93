// add.ts: members with places: GEOADD.
//
// A place becomes a score (bytes/geohash.ts), the rest is ZADD. Files and replicas get that ZADD.

import { placeScore } from "../../bytes/geohash.ts";
import { ADD_NX, ADD_XX } from "../../engine/zset.ts";
import { argIs, ERR_SYNTAX, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import { argParts, type Part, propagating } from "../propagate.ts";
import { type CommandSpec, DENYOOM, oneKey, WRITE } from "../spec.ts";
import { ADD_CH, addScored, scoresFor } from "../zset/add.ts";
import { KEY, LATITUDE, LONGITUDE, read, readPlace } from "./coordinates.ts";

const NX = word("nx");
const XX = word("xx");
const CH = word("ch");

function geoadd(ctx: Ctx): void {
  let flags = 0;
  let first = 2;
  for (; first < ctx.argc; first++) {
    if (argIs(ctx, first, NX)) flags |= ADD_NX;
    else if (argIs(ctx, first, XX)) flags |= ADD_XX;
    else if (argIs(ctx, first, CH)) flags |= ADD_CH;
    else break;
  }
  const count = (ctx.argc - first) / 3;
  const isBoth = (flags & ADD_NX) !== 0 && (flags & ADD_XX) !== 0;
  if (!Number.isInteger(count) || count === 0 || isBoth) return ctx.out.error(ERR_SYNTAX);
  const scores = scoresFor(count);
  for (let i = 0; i < count; i++) {
    if (!readPlace(ctx, first + i * 3)) return;
    scores[i] = placeScore(read.longitude, read.latitude);
  }
  addScored(ctx, flags, first + 2, 3, count);
  const listener = propagating(ctx);
  if (listener === null || ctx.dirty === 0) return;
  const parts: Part[] = ["ZADD", ...argParts(1, first)];
  for (let i = 0; i < count; i++) parts.push(String(scores[i]), first + i * 3 + 2);
  listener.instead(parts);
}

export const ADD_COMMANDS: readonly CommandSpec[] = [
  {
    name: "GEOADD",
    group: "geo",
    since: "3.2.0",
    arity: -5,
    flags: WRITE | DENYOOM,
    acl: ["@geo"],
    keys: [oneKey(1, "RW update")],
    args: [
      KEY,
      {
        name: "condition",
        type: "oneof",
        since: "6.2.0",
        optional: true,
        args: [
          { name: "nx", type: "pure-token", token: "NX" },
          { name: "xx", type: "pure-token", token: "XX" },
        ],
      },
      { name: "change", type: "pure-token", token: "CH", since: "6.2.0", optional: true },
      {
        name: "data",
        type: "block",
        multiple: true,
        args: [LONGITUDE, LATITUDE, { name: "member", type: "string" }],
      },
    ],
    summary: "Puts members of a sorted set at places on earth, making members and key as needed.",
    complexity: "O(log(N)) for each member, N being the size of the sorted set",
    history: [["6.2.0", "The options CH, NX and XX."]],
    reply: ["integer"],
    examples: [
      ["GEOADD sicily 13.361389 38.115556 Palermo 15.087269 37.502669 Catania", ":2"],
      ["GEOADD sicily CH 13.5 38 Palermo", ":1"],
      ["ZSCORE sicily Catania", "$16 3479447370796909"],
    ],
    run: geoadd,
  },
];
