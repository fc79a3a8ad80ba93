// search_options.ts: the arguments of the searches: where, how far, how many, in which order, with what.
//
// Options come in any order and are judged one after the other; only then is said what does not go together. Members and
// places are looked up while reading, so an error about them may precede one about a later word.
//
// An absent key is no error, but its members and, in GEORADIUSBYMEMBER, the radius are then not looked at.

import { GeoShape, SHAPE_BOX, SHAPE_CIRCLE, SHAPE_POLYGON } from "../../bytes/geo_shape.ts";
import { doubleParse } from "../../bytes/double.ts";
import { place } from "../../bytes/geohash.ts";
import { line } from "../../codec/reply_writer.ts";
import { argIs, argNumber, ERR_NOT_INTEGER, ERR_SYNTAX, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import { read, readPlace, readUnit, shownArg } from "./coordinates.ts";
import { ORDER_FAR, ORDER_NEAR, ORDER_NONE } from "./points.ts";
import { placeOfMember } from "./read.ts";

const ERR_RADIUS = line("-ERR need numeric radius");
const ERR_RADIUS_NEGATIVE = line("-ERR radius cannot be negative");
const ERR_WIDTH = line("-ERR need numeric width");
const ERR_HEIGHT = line("-ERR need numeric height");
const ERR_BOX_NEGATIVE = line("-ERR height or width cannot be negative");
const ERR_COUNT = line("-ERR COUNT must be > 0");
const ERR_ANY = line("-ERR the ANY argument requires COUNT argument");
const ERR_VERTICES = line("-ERR invalid number of vertices");
const ERR_VERTICES_FEW = line("-ERR GEOSEARCH BYPOLYGON must have at least 3 vertices");

const WITHDIST = word("withdist");
const WITHHASH = word("withhash");
const WITHCOORD = word("withcoord");
const ANY = word("any");
const ASC = word("asc");
const DESC = word("desc");
const COUNT = word("count");
const STORE = word("store");
const STOREDIST = word("storedist");
const FROMMEMBER = word("frommember");
const FROMLONLAT = word("fromlonlat");
const BYRADIUS = word("byradius");
const BYBOX = word("bybox");
const BYPOLYGON = word("bypolygon");

/** Which arguments a search takes. */
export const GEORADIUS = 0;
export const GEOSEARCH = 1;
export const GEOSEARCHSTORE = 2;

// What readOption did with an argument.
const FAILED = -1;
const UNKNOWN = 0;

const VERTICES_MIN = 3;
const INT_MIN = -2147483648;
const INT_MAX = 2147483647;

/** What a search was asked for. One is kept and reset for each. */
export class SearchOptions {
  shape: GeoShape = new GeoShape();
  withDistance = false;
  withHash = false;
  withPlace = false;
  order = ORDER_NONE;
  /** Most points to reply; 0 for all. */
  count = 0;
  /** Whether the first `count` points met will do. */
  any = false;
  /** Argument with the key to store to, or 0. */
  storeArg = 0;
  /** Whether distances are stored, not scores. */
  storeDistance = false;
  fromMember = false;
  fromPlace = false;

  reset(): void {
    this.shape.kind = 0;
    this.shape.unit = 1;
    this.withDistance = false;
    this.withHash = false;
    this.withPlace = false;
    this.order = ORDER_NONE;
    this.count = 0;
    this.any = false;
    this.storeArg = 0;
    this.storeDistance = false;
    this.fromMember = false;
    this.fromPlace = false;
  }
}

/** Takes the place in `arg` and `arg + 1` as the centre; false after an error was replied. */
export function centreAt(ctx: Ctx, shape: GeoShape, arg: number): boolean {
  if (!readPlace(ctx, arg)) return false;
  shape.longitude = read.longitude;
  shape.latitude = read.latitude;
  return true;
}

/** Takes the member in argument `arg` of the key's record as the centre; false after an error was replied. */
export function centreOn(ctx: Ctx, shape: GeoShape, rec: number, arg: number): boolean {
  if (!placeOfMember(ctx, rec, arg)) {
    ctx.out.errorText(`ERR member ${shownArg(ctx, arg)} does not exist`);
    return false;
  }
  shape.longitude = place.longitude;
  shape.latitude = place.latitude;
  return true;
}

/** Reads a radius and its unit from `arg` and `arg + 1`; false after an error was replied. */
export function readRadius(ctx: Ctx, shape: GeoShape, arg: number): boolean {
  const radius = doubleParse(ctx.argBuf, ctx.off[arg], ctx.len[arg]);
  if (Number.isNaN(radius)) return fail(ctx, ERR_RADIUS);
  if (radius < 0) return fail(ctx, ERR_RADIUS_NEGATIVE);
  const unit = readUnit(ctx, arg + 1);
  if (unit === 0) return false;
  shape.kind = SHAPE_CIRCLE;
  shape.radius = radius;
  shape.unit = unit;
  return true;
}

function readBox(ctx: Ctx, shape: GeoShape, arg: number): boolean {
  const { argBuf, off, len } = ctx;
  const width = doubleParse(argBuf, off[arg], len[arg]);
  if (Number.isNaN(width)) return fail(ctx, ERR_WIDTH);
  const height = doubleParse(argBuf, off[arg + 1], len[arg + 1]);
  if (Number.isNaN(height)) return fail(ctx, ERR_HEIGHT);
  if (height < 0 || width < 0) return fail(ctx, ERR_BOX_NEGATIVE);
  const unit = readUnit(ctx, arg + 2);
  if (unit === 0) return false;
  shape.kind = SHAPE_BOX;
  shape.width = width;
  shape.height = height;
  shape.unit = unit;
  return true;
}

/** Reads the number of vertices in `arg` and the vertices behind it; false after an error was replied. */
function readPolygon(ctx: Ctx, shape: GeoShape, arg: number): boolean {
  const count = argNumber(ctx, arg, INT_MIN, INT_MAX);
  if (Number.isNaN(count)) return fail(ctx, ERR_VERTICES);
  if (count < VERTICES_MIN || count > (ctx.argc - arg - 1) / 2) return fail(ctx, ERR_VERTICES_FEW);
  if (shape.vertices.length < count * 2) shape.vertices = new Float64Array(count * 2);
  for (let i = 0; i < count; i++) {
    if (!readPlace(ctx, arg + 1 + i * 2)) return false;
    shape.vertices[i * 2] = read.longitude;
    shape.vertices[i * 2 + 1] = read.latitude;
  }
  shape.kind = SHAPE_POLYGON;
  shape.vertexCount = count;
  shape.unit = 1;
  return true;
}

function fail(ctx: Ctx, error: Uint8Array): boolean {
  ctx.out.error(error);
  return false;
}

/**
 * Reads the options from argument `first` on into `options`, which has been reset; `rec` is the record of the key that is
 * searched, 0 when absent. `mayStore` allows STORE and STOREDIST in a GEORADIUS. False after an error was replied.
 */
export function readOptions(
  ctx: Ctx,
  options: SearchOptions,
  first: number,
  rec: number,
  kind: number,
  mayStore: boolean,
): boolean {
  for (let arg = first; arg < ctx.argc;) {
    let taken = readOutput(ctx, options, arg);
    if (taken === UNKNOWN) {
      taken = kind === GEORADIUS
        ? readStore(ctx, options, arg, mayStore)
        : readArea(ctx, options, arg, rec, kind);
    }
    if (taken === FAILED) return false;
    if (taken === UNKNOWN) return fail(ctx, ERR_SYNTAX);
    arg += taken;
  }
  return checkOptions(ctx, options, kind);
}

/** Reads an option that all searches have. Returns how many arguments it took, UNKNOWN or FAILED. */
function readOutput(ctx: Ctx, options: SearchOptions, arg: number): number {
  if (argIs(ctx, arg, WITHDIST)) options.withDistance = true;
  else if (argIs(ctx, arg, WITHHASH)) options.withHash = true;
  else if (argIs(ctx, arg, WITHCOORD)) options.withPlace = true;
  else if (argIs(ctx, arg, ANY)) options.any = true;
  else if (argIs(ctx, arg, ASC)) options.order = ORDER_NEAR;
  else if (argIs(ctx, arg, DESC)) options.order = ORDER_FAR;
  else if (argIs(ctx, arg, COUNT) && arg + 1 < ctx.argc) return readCount(ctx, options, arg + 1);
  else return UNKNOWN;
  return 1;
}

function readCount(ctx: Ctx, options: SearchOptions, arg: number): number {
  const count = argNumber(ctx, arg, -Infinity, Infinity);
  if (Number.isNaN(count) || count <= 0) {
    ctx.out.error(Number.isNaN(count) ? ERR_NOT_INTEGER : ERR_COUNT);
    return FAILED;
  }
  options.count = count;
  return 2;
}

/** As readOutput, for the options of GEORADIUS and GEORADIUSBYMEMBER. */
function readStore(ctx: Ctx, options: SearchOptions, arg: number, mayStore: boolean): number {
  const isDistance = argIs(ctx, arg, STOREDIST);
  if (!mayStore || arg + 1 >= ctx.argc || !(isDistance || argIs(ctx, arg, STORE))) return UNKNOWN;
  options.storeArg = arg + 1;
  options.storeDistance = isDistance;
  return 2;
}

/** As readOutput, for the options of GEOSEARCH and GEOSEARCHSTORE. */
function readArea(
  ctx: Ctx,
  options: SearchOptions,
  arg: number,
  rec: number,
  kind: number,
): number {
  const { shape } = options;
  const left = ctx.argc - arg - 1;
  const isPolygon = shape.kind === SHAPE_POLYGON;
  if (kind === GEOSEARCHSTORE && argIs(ctx, arg, STOREDIST)) {
    options.storeDistance = true;
    return 1;
  }
  if (argIs(ctx, arg, FROMMEMBER) && left >= 1 && !options.fromPlace && !isPolygon) {
    options.fromMember = true;
    return rec === 0 || centreOn(ctx, shape, rec, arg + 1) ? 2 : FAILED;
  }
  if (argIs(ctx, arg, FROMLONLAT) && left >= 2 && !options.fromMember && !isPolygon) {
    options.fromPlace = true;
    return centreAt(ctx, shape, arg + 1) ? 3 : FAILED;
  }
  if (argIs(ctx, arg, BYRADIUS) && left >= 2 && (shape.kind === 0 || shape.kind === SHAPE_CIRCLE)) {
    return readRadius(ctx, shape, arg + 1) ? 3 : FAILED;
  }
  if (argIs(ctx, arg, BYBOX) && left >= 3 && (shape.kind === 0 || shape.kind === SHAPE_BOX)) {
    return readBox(ctx, shape, arg + 1) ? 4 : FAILED;
  }
  const isFree = !options.fromMember && !options.fromPlace && (shape.kind === 0 || isPolygon);
  if (argIs(ctx, arg, BYPOLYGON) && left >= 2 && isFree) {
    return readPolygon(ctx, shape, arg + 1) ? 2 + shape.vertexCount * 2 : FAILED;
  }
  return UNKNOWN;
}

/** Whether the options go together; replies with the first error and returns false otherwise. */
function checkOptions(ctx: Ctx, options: SearchOptions, kind: number): boolean {
  const { out } = ctx;
  const isStored = options.storeArg !== 0 || kind === GEOSEARCHSTORE;
  if (isStored && (options.withDistance || options.withHash || options.withPlace)) {
    const what = kind === GEOSEARCHSTORE ? "GEOSEARCHSTORE" : "STORE option in GEORADIUS";
    out.errorText(`ERR ${what} is not compatible with WITHDIST, WITHHASH and WITHCOORD options`);
    return false;
  }
  if (kind !== GEORADIUS) {
    const isPolygon = options.shape.kind === SHAPE_POLYGON;
    const name = shownArg(ctx, 0);
    if (!options.fromMember && !options.fromPlace && !isPolygon) {
      out.errorText(`ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for ${name}`);
      return false;
    }
    if (options.shape.kind === 0) {
      out.errorText(
        `ERR exactly one of BYRADIUS, BYBOX and BYPOLYGON can be specified for ${name}`,
      );
      return false;
    }
  }
  return !options.any || options.count > 0 || fail(ctx, ERR_ANY);
}
