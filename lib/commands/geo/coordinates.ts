// coordinates.ts: what the commands of this family share: places, lengths and units as arguments and in replies.

import { latin1 } from "../../bytes/ascii.ts";
import {
  DOUBLE_HUMAN_TEXT_LIMIT,
  doubleFormatFixed,
  doubleFormatHuman,
  doubleParse,
} from "../../bytes/double.ts";
import { LATITUDE_MAX, LATITUDE_MIN, LONGITUDE_MAX, LONGITUDE_MIN } from "../../bytes/geohash.ts";
import { line } from "../../codec/reply_writer.ts";
import { argIs, argText, ERR_NOT_FLOAT, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import type { ArgSpec } from "../spec.ts";

const ERR_UNIT = line("-ERR unsupported unit provided. please use M, KM, FT, MI");
const COMMA = 44;
const CR = 13;
const LF = 10;
const DISTANCE_DECIMALS = 4;
/** How a distance that is no number is shown. */
const NO_DISTANCE = "-922337203685477.5808";

const UNITS: readonly (readonly [Uint8Array, number])[] = [
  [word("m"), 1],
  [word("km"), 1000],
  [word("ft"), 0.3048],
  [word("mi"), 1609.34],
];

const scratch = new Uint8Array(DOUBLE_HUMAN_TEXT_LIMIT + 3);

export const KEY: ArgSpec = { name: "key", type: "key", keySpec: 0 };
export const UNIT: ArgSpec = {
  name: "unit",
  type: "oneof",
  args: [
    { name: "m", type: "pure-token", token: "M" },
    { name: "km", type: "pure-token", token: "KM" },
    { name: "ft", type: "pure-token", token: "FT" },
    { name: "mi", type: "pure-token", token: "MI" },
  ],
};
export const LONGITUDE: ArgSpec = { name: "longitude", type: "double" };
export const LATITUDE: ArgSpec = { name: "latitude", type: "double" };

/** Longitude and latitude that readPlace read. */
export const read: { longitude: number; latitude: number } = { longitude: 0.5, latitude: 0.5 };

/** Reads a place from arguments `arg` and `arg + 1` into `read`; false after an error was replied. */
export function readPlace(ctx: Ctx, arg: number): boolean {
  const { argBuf, off, len } = ctx;
  const longitude = doubleParse(argBuf, off[arg], len[arg]);
  const latitude = Number.isNaN(longitude) ? NaN : doubleParse(argBuf, off[arg + 1], len[arg + 1]);
  if (Number.isNaN(latitude)) {
    ctx.out.error(ERR_NOT_FLOAT);
    return false;
  }
  if (
    longitude < LONGITUDE_MIN || longitude > LONGITUDE_MAX ||
    latitude < LATITUDE_MIN || latitude > LATITUDE_MAX
  ) {
    const pair = `${sixDecimals(longitude)},${sixDecimals(latitude)}`;
    ctx.out.errorText(`ERR invalid longitude,latitude pair ${pair}`);
    return false;
  }
  read.longitude = longitude;
  read.latitude = latitude;
  return true;
}

/** A number with six decimals, halves to even, as C's %f has it. */
function sixDecimals(value: number): string {
  if (value === Infinity) return "inf";
  if (value === -Infinity) return "-inf";
  const magnitude = Math.abs(value);
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  if (magnitude >= 1e21) {
    const len = doubleFormatHuman(magnitude, scratch, 0);
    return `${sign}${latin1(scratch, 0, len)}.000000`;
  }
  const text = magnitude.toFixed(6);
  // Only numbers with exactly seven binary digits after the point lie half-way; toFixed rounds these up.
  const isHalf = Math.abs(magnitude * 128 % 2) === 1;
  if (!isHalf || Number(text[text.length - 1]) % 2 === 0) return sign + text;
  return sign + text.slice(0, -1) + String(Number(text[text.length - 1]) - 1);
}

/** The meters of the unit in argument `arg`; 0 after an error was replied. */
export function readUnit(ctx: Ctx, arg: number): number {
  for (let i = 0; i < UNITS.length; i++) {
    if (argIs(ctx, arg, UNITS[i][0])) return UNITS[i][1];
  }
  ctx.out.error(ERR_UNIT);
  return 0;
}

/** An argument as error messages show it: up to the first zero byte. */
export function shownArg(ctx: Ctx, arg: number): string {
  return argText(ctx, arg).split("\0")[0];
}

/** Replies a distance with four decimals. */
export function replyDistance(ctx: Ctx, distance: number): void {
  if (Number.isNaN(distance)) return ctx.out.bulkText(NO_DISTANCE);
  ctx.out.bulk(scratch, 0, doubleFormatFixed(distance, DISTANCE_DECIMALS, scratch, 0));
}

/** Replies a place: longitude, latitude. */
export function replyPlace(ctx: Ctx, longitude: number, latitude: number): void {
  ctx.out.array(2);
  replyCoordinate(ctx, longitude);
  replyCoordinate(ctx, latitude);
}

/** A coordinate has 17 decimals, as text or as a double. */
function replyCoordinate(ctx: Ctx, value: number): void {
  const { out } = ctx;
  if (out.proto !== 3) return out.bulk(scratch, 0, doubleFormatHuman(value, scratch, 0));
  const len = doubleFormatHuman(value, scratch, 1);
  scratch[0] = COMMA;
  scratch[len + 1] = CR;
  scratch[len + 2] = LF;
  out.rawRange(scratch, 0, len + 3);
}
