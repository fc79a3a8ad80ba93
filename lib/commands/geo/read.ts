// read.ts: questions about single members: GEOPOS, GEODIST, GEOHASH.

import { GEOHASH_TEXT_BYTES, geohashText, place, placeOf } from "../../bytes/geohash.ts";
import { geoDistance } from "../../bytes/geo_shape.ts";
import { TYPE_ZSET } from "../../engine/record.ts";
import { zsetScore } from "../../engine/zset.ts";
import { ERR_SYNTAX } from "../args.ts";
import type { Ctx } from "../context.ts";
import { lookupRead, requireType } from "../lookup.ts";
import { type ArgSpec, type CommandSpec, oneKey, READONLY } from "../spec.ts";
import { KEY, readUnit, replyDistance, replyPlace, UNIT } from "./coordinates.ts";

const text = new Uint8Array(GEOHASH_TEXT_BYTES);

/** Finds the place of the member in argument `arg`; false when there is none, or no key (`rec` 0). */
export function placeOfMember(ctx: Ctx, rec: number, arg: number): boolean {
  if (rec === 0) return false;
  const score = zsetScore(ctx.keyspace, rec, ctx.argBuf, ctx.off[arg], ctx.len[arg]);
  if (Number.isNaN(score)) return false;
  placeOf(score);
  return true;
}

function geopos(ctx: Ctx): void {
  const rec = lookupRead(ctx, 1);
  if (rec !== 0 && !requireType(ctx, rec, TYPE_ZSET)) return;
  ctx.out.array(ctx.argc - 2);
  for (let arg = 2; arg < ctx.argc; arg++) {
    if (placeOfMember(ctx, rec, arg)) replyPlace(ctx, place.longitude, place.latitude);
    else ctx.out.nullArray();
  }
}

function geohash(ctx: Ctx): void {
  const rec = lookupRead(ctx, 1);
  if (rec !== 0 && !requireType(ctx, rec, TYPE_ZSET)) return;
  ctx.out.array(ctx.argc - 2);
  for (let arg = 2; arg < ctx.argc; arg++) {
    if (placeOfMember(ctx, rec, arg)) {
      geohashText(place.longitude, place.latitude, text, 0);
      ctx.out.bulk(text, 0, GEOHASH_TEXT_BYTES);
    } else {
      ctx.out.nullBulk();
    }
  }
}

function geodist(ctx: Ctx): void {
  if (ctx.argc > 5) return ctx.out.error(ERR_SYNTAX);
  const unit = ctx.argc === 5 ? readUnit(ctx, 4) : 1;
  if (unit === 0) return;
  const rec = lookupRead(ctx, 1);
  if (rec !== 0 && !requireType(ctx, rec, TYPE_ZSET)) return;
  if (!placeOfMember(ctx, rec, 2)) return ctx.out.nullBulk();
  const { longitude, latitude } = place;
  if (!placeOfMember(ctx, rec, 3)) return ctx.out.nullBulk();
  replyDistance(ctx, geoDistance(longitude, latitude, place.longitude, place.latitude) / unit);
}

const MEMBERS: ArgSpec = { name: "member", type: "string", optional: true, multiple: true };

export const READ_COMMANDS: readonly CommandSpec[] = [
  {
    name: "GEOPOS",
    group: "geo",
    since: "3.2.0",
    arity: -2,
    flags: READONLY,
    acl: ["@geo"],
    keys: [oneKey(1, "RO access")],
    args: [KEY, MEMBERS],
    summary: "Reads longitude and latitude of members; null for absent ones.",
    complexity: "O(1) for each member",
    reply: ["array"],
    examples: [
      ["GEOADD sicily 13.361389 38.115556 Palermo", ":1"],
      [
        "GEOPOS sicily Palermo Nowhere",
        "*2 *2 $20 13.36138933897018433 $20 38.11555639549629859 *-1",
      ],
    ],
    run: geopos,
  },
  {
    name: "GEODIST",
    group: "geo",
    since: "3.2.0",
    arity: -4,
    flags: READONLY,
    acl: ["@geo"],
    keys: [oneKey(1, "RO access")],
    args: [
      KEY,
      { name: "member1", type: "string" },
      { name: "member2", type: "string" },
      { ...UNIT, optional: true },
    ],
    summary: "Measures how far two members are apart, in meters or another unit.",
    complexity: "O(1)",
    reply: ["bulk", "null"],
    examples: [
      ["GEOADD sicily 13.361389 38.115556 Palermo 15.087269 37.502669 Catania", ":2"],
      ["GEODIST sicily Palermo Catania km", "$8 166.2742"],
      ["GEODIST sicily Palermo Nowhere", "$-1"],
    ],
    run: geodist,
  },
  {
    name: "GEOHASH",
    group: "geo",
    since: "3.2.0",
    arity: -2,
    flags: READONLY,
    acl: ["@geo"],
    keys: [oneKey(1, "RO access")],
    args: [KEY, MEMBERS],
    summary: "Writes the places of members as geohash texts; null for absent ones.",
    complexity: "O(1) for each member",
    reply: ["array"],
    examples: [
      ["GEOADD sicily 13.361389 38.115556 Palermo", ":1"],
      ["GEOHASH sicily Palermo Nowhere", "*2 $11 sqc8b49rny0 $-1"],
    ],
    run: geohash,
  },
];
