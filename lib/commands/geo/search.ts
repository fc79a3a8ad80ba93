// search.ts: members in an area: GEOSEARCH, GEOSEARCHSTORE, and the older GEORADIUS, GEORADIUSBYMEMBER with their
// read-only forms.
//
// One search serves all: read the options, gather the points (points.ts), order them, reply or store. A COUNT asks for
// the nearest ones unless ANY or an order says otherwise. Stored results replace the target as those of ZUNIONSTORE do.

import { int64FromNumber } from "../../bytes/int64.ts";
import { TYPE_ZSET } from "../../engine/record.ts";
import { zsetAdd } from "../../engine/zset.ts";
import type { Ctx } from "../context.ts";
import { lookupRead, requireType } from "../lookup.ts";
import type { CommandSpec } from "../spec.ts";
import { resultCreate, resultStore } from "../zset/result.ts";
import { replyDistance, replyPlace } from "./coordinates.ts";
import { gatherPoints, ORDER_NEAR, ORDER_NONE, Points } from "./points.ts";
import {
  centreAt,
  centreOn,
  GEORADIUS,
  GEOSEARCH,
  GEOSEARCHSTORE,
  readOptions,
  readRadius,
  SearchOptions,
} from "./search_options.ts";
import {
  GEORADIUS_RO_SPEC,
  GEORADIUS_SPEC,
  GEORADIUSBYMEMBER_RO_SPEC,
  GEORADIUSBYMEMBER_SPEC,
  GEOSEARCH_SPEC,
  GEOSEARCHSTORE_SPEC,
} from "./search_specs.ts";

const options = new SearchOptions();
const points = new Points();
const hash = new Int32Array(2);

function georadius(ctx: Ctx): void {
  searchAround(ctx, true);
}

function georadiusReadOnly(ctx: Ctx): void {
  searchAround(ctx, false);
}

function searchAround(ctx: Ctx, mayStore: boolean): void {
  const rec = lookupRead(ctx, 1);
  if (rec !== 0 && !requireType(ctx, rec, TYPE_ZSET)) return;
  options.reset();
  if (!centreAt(ctx, options.shape, 2) || !readRadius(ctx, options.shape, 4)) return;
  if (!readOptions(ctx, options, 6, rec, GEORADIUS, mayStore)) return;
  search(ctx, rec, options.storeArg, "georadiusstore");
}

function georadiusbymember(ctx: Ctx): void {
  searchAroundMember(ctx, true);
}

function georadiusbymemberReadOnly(ctx: Ctx): void {
  searchAroundMember(ctx, false);
}

function searchAroundMember(ctx: Ctx, mayStore: boolean): void {
  const rec = lookupRead(ctx, 1);
  if (rec !== 0 && !requireType(ctx, rec, TYPE_ZSET)) return;
  options.reset();
  if (rec !== 0) {
    if (!centreOn(ctx, options.shape, rec, 2) || !readRadius(ctx, options.shape, 3)) return;
  }
  if (!readOptions(ctx, options, 5, rec, GEORADIUS, mayStore)) return;
  search(ctx, rec, options.storeArg, "georadiusstore");
}

function geosearch(ctx: Ctx): void {
  const rec = lookupRead(ctx, 1);
  if (rec !== 0 && !requireType(ctx, rec, TYPE_ZSET)) return;
  options.reset();
  if (readOptions(ctx, options, 2, rec, GEOSEARCH, false)) search(ctx, rec, 0, "");
}

function geosearchstore(ctx: Ctx): void {
  const rec = lookupRead(ctx, 2);
  if (rec !== 0 && !requireType(ctx, rec, TYPE_ZSET)) return;
  options.reset();
  if (!readOptions(ctx, options, 3, rec, GEOSEARCHSTORE, false)) return;
  search(ctx, rec, 1, "geosearchstore");
}

/** Searches the record's set as `options` say and replies, or stores under key argument `storeArg` and says `event`. */
function search(ctx: Ctx, rec: number, storeArg: number, event: string): void {
  const { shape, count, any } = options;
  points.clear();
  if (rec !== 0) gatherPoints(ctx, rec, shape, any ? count : 0, points);
  const wanted = count === 0 ? points.count : Math.min(count, points.count);
  const order = options.order === ORDER_NONE && count > 0 && !any ? ORDER_NEAR : options.order;
  points.sort(order, wanted);
  if (storeArg !== 0) return store(ctx, storeArg, wanted, event);
  ctx.out.array(wanted);
  for (let i = 0; i < wanted; i++) replyPoint(ctx, points.order[i]);
}

function replyPoint(ctx: Ctx, point: number): void {
  const { out } = ctx;
  const { withDistance, withHash, withPlace } = options;
  const extras = Number(withDistance) + Number(withHash) + Number(withPlace);
  if (extras > 0) out.array(extras + 1);
  out.bulk(points.names, points.nameOff[point], points.nameLen[point]);
  if (withDistance) replyDistance(ctx, points.distance[point] / options.shape.unit);
  if (withHash) {
    if (!int64FromNumber(Math.trunc(points.score[point]), hash)) {
      hash[0] = 0;
      hash[1] = -2147483648;
    }
    out.integer64(hash[0], hash[1]);
  }
  if (withPlace) replyPlace(ctx, points.longitude[point], points.latitude[point]);
}

/** Stores the first `wanted` points. Every one of them counts as a change. */
function store(ctx: Ctx, storeArg: number, wanted: number, event: string): void {
  const { keyspace } = ctx;
  const rec = resultCreate(ctx, storeArg, wanted);
  for (let i = 0; i < wanted; i++) {
    const point = points.order[i];
    const score = options.storeDistance
      ? points.distance[point] / options.shape.unit
      : points.score[point];
    zsetAdd(keyspace, rec, score, points.names, points.nameOff[point], points.nameLen[point], 0);
  }
  resultStore(ctx, storeArg, rec, event);
  if (wanted > 1) ctx.dirty += wanted - 1;
}

export const SEARCH_COMMANDS: readonly CommandSpec[] = [
  { ...GEOSEARCH_SPEC, run: geosearch },
  { ...GEOSEARCHSTORE_SPEC, run: geosearchstore },
  { ...GEORADIUS_SPEC, run: georadius },
  { ...GEORADIUSBYMEMBER_SPEC, run: georadiusbymember },
  { ...GEORADIUS_RO_SPEC, run: georadiusReadOnly },
  { ...GEORADIUSBYMEMBER_RO_SPEC, run: georadiusbymemberReadOnly },
];
