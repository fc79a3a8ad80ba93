// points.ts: the members of a sorted set that lie in an area: gathered, ordered by distance, kept until they are replied.
//
//   number   score  distance  longitude  latitude  name
//      i      [i]      [i]       [i]        [i]    names[nameOff[i], nameOff[i] + nameLen[i])
//
// The columns are reused by every search and grow with the largest; names are copies, because a listpack shows a member
// only until the next one. COST: nothing is allocated for a member; a search reads the members of nine cells, as far as
// the frame of the area (geo_frame.ts) reaches.

import { copyBytes } from "../../bytes/ascii.ts";
import {
  cover,
  COVER_CELLS,
  type GeoShape,
  shapeCover,
  shapeHolds,
} from "../../bytes/geo_shape.ts";
import { cellOf, interleave, place, placeOfCell, STEP_MAX } from "../../bytes/geohash.ts";
import { frameHolds, frameMeets, frameShape, PARTS } from "../../bytes/geo_frame.ts";
import { partialSort } from "../../bytes/partial_sort.ts";
import { ZsetCursor, zsetRankOfScore } from "../../engine/zset_range.ts";
import type { Ctx } from "../context.ts";

const START_POINTS = 64;
const START_NAME_BYTES = 1024;
/** Columns for more points than this are given up after the command. */
const KEEP_POINTS_MAX = 16384;

export const ORDER_NONE = 0;
export const ORDER_NEAR = 1;
export const ORDER_FAR = 2;

const cursor = new ZsetCursor();

/** Members found, in columns. */
export class Points {
  count = 0;
  score = new Float64Array(START_POINTS);
  distance = new Float64Array(START_POINTS);
  longitude = new Float64Array(START_POINTS);
  latitude = new Float64Array(START_POINTS);
  nameOff = new Int32Array(START_POINTS);
  nameLen = new Int32Array(START_POINTS);
  names = new Uint8Array(START_NAME_BYTES);
  /** The numbers of the points in the order of the reply. */
  order = new Int32Array(START_POINTS);
  #nameEnd = 0;

  /** Forgets all points, and very long columns. */
  clear(): void {
    if (this.order.length > KEEP_POINTS_MAX) {
      this.score = new Float64Array(START_POINTS);
      this.distance = new Float64Array(START_POINTS);
      this.longitude = new Float64Array(START_POINTS);
      this.latitude = new Float64Array(START_POINTS);
      this.nameOff = new Int32Array(START_POINTS);
      this.nameLen = new Int32Array(START_POINTS);
      this.order = new Int32Array(START_POINTS);
    }
    if (this.names.length > KEEP_POINTS_MAX * 16) this.names = new Uint8Array(START_NAME_BYTES);
    this.count = 0;
    this.#nameEnd = 0;
  }

  /** Adds the member the cursor stands on, at `place`. */
  add(distance: number): void {
    const { buf, off, len } = cursor;
    const i = this.count;
    if (i === this.order.length) this.#growColumns();
    if (this.#nameEnd + len > this.names.length) this.#growNames(len);
    copyBytes(buf, off, this.names, this.#nameEnd, len);
    this.score[i] = cursor.score;
    this.distance[i] = distance;
    this.longitude[i] = place.longitude;
    this.latitude[i] = place.latitude;
    this.nameOff[i] = this.#nameEnd;
    this.nameLen[i] = len;
    this.order[i] = i;
    this.#nameEnd += len;
    this.count++;
  }

  /** Orders the points by distance, at least the first `wanted`; equally distant ones as the reference does. */
  sort(order: number, wanted: number): void {
    if (order === ORDER_NONE) return;
    const { distance, count } = this;
    const sign = order === ORDER_NEAR ? 1 : -1;
    const compare = (a: number, b: number) => {
      if (distance[a] > distance[b]) return sign;
      return distance[a] === distance[b] ? 0 : -sign;
    };
    if (wanted === count) this.order.subarray(0, count).sort(compare);
    else partialSort(this.order, count, wanted, compare);
  }

  #growColumns(): void {
    this.score = widened(this.score);
    this.distance = widened(this.distance);
    this.longitude = widened(this.longitude);
    this.latitude = widened(this.latitude);
    this.nameOff = lengthened(this.nameOff);
    this.nameLen = lengthened(this.nameLen);
    this.order = lengthened(this.order);
  }

  #growNames(more: number): void {
    let size = this.names.length * 2;
    while (size < this.#nameEnd + more) size *= 2;
    const bigger = new Uint8Array(size);
    bigger.set(this.names);
    this.names = bigger;
  }
}

function widened(column: Float64Array): Float64Array<ArrayBuffer> {
  const bigger = new Float64Array(column.length * 2);
  bigger.set(column);
  return bigger;
}

function lengthened(column: Int32Array): Int32Array<ArrayBuffer> {
  const bigger = new Int32Array(column.length * 2);
  bigger.set(column);
  return bigger;
}

/**
 * Gathers the members of a sorted set that lie in an area, cell by cell, by score within a cell. With a `limit` above 0
 * that many are enough, whichever are met first. The shape of a polygon gets its centre.
 */
export function gatherPoints(
  ctx: Ctx,
  rec: number,
  shape: GeoShape,
  limit: number,
  points: Points,
): void {
  points.clear();
  shapeCover(shape);
  frameShape(shape);
  let last = 0;
  for (let i = 0; i < COVER_CELLS; i++) {
    if (cover.isLeftOut[i] !== 0) continue;
    // Of a small grid a cell may be a neighbour on both sides.
    if (last > 0 && cover.x[i] === cover.x[last] && cover.y[i] === cover.y[last]) continue;
    if (limit > 0 && points.count >= limit) return;
    gatherCell(ctx, rec, shape, i, limit, points);
    last = i;
  }
}

/** Gathers from those parts of a cell that reach into the frame; parts side by side are read in one go. */
function gatherCell(
  ctx: Ctx,
  rec: number,
  shape: GeoShape,
  cell: number,
  limit: number,
  points: Points,
): void {
  const size = 4 ** (STEP_MAX - cover.step);
  const min = interleave(cover.x[cell], cover.y[cell]) * size;
  const end = interleave(cover.x[cell], cover.y[cell], 1) * size;
  for (let part = 0; part < PARTS; part++) {
    if (!frameMeets(cell, part)) continue;
    const from = min + part * size / PARTS;
    while (part < PARTS && frameMeets(cell, part)) part++;
    const to = part === PARTS ? end : min + part * size / PARTS;
    gatherScores(ctx, rec, shape, from, to, limit, points);
    if (limit > 0 && points.count >= limit) return;
  }
}

/** Gathers from the members whose scores are from `min` on and below `max`. */
function gatherScores(
  ctx: Ctx,
  rec: number,
  shape: GeoShape,
  min: number,
  max: number,
  limit: number,
  points: Points,
): void {
  const vc = ctx.keyspace;
  cursor.start(vc, rec, zsetRankOfScore(vc, rec, min, false), false);
  while (cursor.next() && cursor.score < max) {
    cellOf(cursor.score);
    if (!frameHolds(place.x, place.y)) continue;
    placeOfCell();
    if (shapeHolds(shape, place.longitude, place.latitude)) points.add(shape.distance);
    if (limit > 0 && points.count >= limit) return;
  }
}
