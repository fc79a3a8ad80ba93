// lolwut.ts: LOLWUT: a small picture and the version. Pictures of the versions 5, 6 and 9 take the arguments that the
// reference takes for them; the pictures are our own.
//
//   9, default  [columns rows] [real imaginary]          a Julia set
//   5           [columns] [tiles a row] [tiles a column]  diagonals, one of two at random on each tile
//   6           [columns] [rows]                          hills by night
//   others      nothing is drawn

import { doubleParse } from "../../bytes/double.ts";
import { fromLatin1 } from "../../bytes/ascii.ts";
import { line } from "../../codec/reply_writer.ts";
import { REDIS_VERSION, VALKEY_VERSION } from "../../version.ts";
import { argIs, argNumber, ERR_NOT_FLOAT, ERR_NOT_INTEGER, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import { type CommandSpec, FAST, READONLY } from "../spec.ts";

const ERR_USAGE = line("-ERR Syntax error. Use: LOLWUT [columns rows] [real imaginary]");
const VERSION = word("VERSION");

/** A number in [0, 1). */
type Dice = () => number;

function lolwut(ctx: Ctx): void {
  let version = VALKEY_VERSION;
  let first = 1;
  if (ctx.argc >= 3 && argIs(ctx, 1, VERSION)) {
    const asked = argNumber(ctx, 2, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    if (Number.isNaN(asked)) return ctx.out.error(ERR_NOT_INTEGER);
    version = `${asked >>> 0}.0.0`;
    first = 3;
  }
  if (version.startsWith("5.")) drawTiles(ctx, first);
  else if (version.startsWith("6.")) drawHills(ctx, first);
  else if (version.startsWith("9")) drawJulia(ctx, first);
  else reply(ctx, "", "ver.");
}

/** The picture and the line with the version below it. */
function reply(ctx: Ctx, picture: string, word = "ver. "): void {
  const isCompatible = ctx.config.flag("extended-redis-compatibility");
  const name = isCompatible ? `Redis ${word}${REDIS_VERSION}` : `Valkey ${word}${VALKEY_VERSION}`;
  ctx.out.verbatim("txt", fromLatin1(`${picture}${name}\n`));
}

/** Up to defaults.length integers from argument `first` on; null after an error reply. */
function numbers(ctx: Ctx, first: number, defaults: readonly number[]): number[] | null {
  const values = [...defaults];
  for (let i = 0; i < defaults.length && first + i < ctx.argc; i++) {
    values[i] = argNumber(ctx, first + i, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    if (Number.isNaN(values[i])) {
      ctx.out.error(ERR_NOT_INTEGER);
      return null;
    }
  }
  return values;
}

function clamp(value: number, max: number): number {
  return Math.min(Math.max(value, 1), max);
}

function dice(ctx: Ctx): Dice {
  return () => (ctx.server.random.next32() >>> 0) / 4294967296;
}

// ---- 9: a Julia set: how fast z -> z*z + c leaves the circle of radius 2, from nothing to ink

const INK = " `-~:;=+!?%#&M@";

function drawJulia(ctx: Ctx, first: number): void {
  const given = ctx.argc - first;
  if (given === 1 || given === 3 || given > 4) return ctx.out.error(ERR_USAGE);
  const size = numbers(ctx, first, [80, 40]);
  if (size === null) return;
  const roll = dice(ctx);
  let real = roll() * 2 - 1;
  let imaginary = roll() * 2 - 1;
  if (given === 4) {
    real = doubleParse(ctx.argBuf, ctx.off[first + 2], ctx.len[first + 2]);
    imaginary = doubleParse(ctx.argBuf, ctx.off[first + 3], ctx.len[first + 3]);
    if (Number.isNaN(real) || Number.isNaN(imaginary)) return ctx.out.error(ERR_NOT_FLOAT);
  }
  const picture = julia(clamp(size[0], 160), clamp(size[1], 80), real, imaginary);
  const sign = imaginary < 0 ? "-" : "+";
  const c = `${real.toFixed(2)} ${sign} ${Math.abs(imaginary).toFixed(2)}i`;
  reply(ctx, `${picture}\nThe Julia set of c = ${c}, drawn by Sigrun. `);
}

function julia(columns: number, rows: number, real: number, imaginary: number): string {
  let text = "";
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let x = ((column + 0.5) / columns - 0.5) * 4;
      let y = (0.5 - (row + 0.5) / rows) * 4;
      let steps = 0;
      while (steps < INK.length - 1 && x * x + y * y < 4) {
        const next = x * x - y * y + real;
        y = 2 * x * y + imaginary;
        x = next;
        steps++;
      }
      text += INK[steps];
    }
    text += "\n";
  }
  return text;
}

// ---- 5: Truchet tiles

function drawTiles(ctx: Ctx, first: number): void {
  const given = numbers(ctx, first, [66, 8, 12]);
  if (given === null) return;
  const [columns, across, down] = [
    clamp(given[0], 1000),
    clamp(given[1], 200),
    clamp(given[2], 200),
  ];
  const side = Math.max(1, Math.floor(columns / across));
  const height = Math.max(1, side >> 1);
  const roll = dice(ctx);
  let text = "";
  for (let tileRow = 0; tileRow < down; tileRow++) {
    const leans = Array.from({ length: across }, () => roll() < 0.5);
    for (let row = 0; row < height; row++) {
      const at = Math.floor((row + 0.5) * side / height);
      for (const isRising of leans) {
        const column = isRising ? side - 1 - at : at;
        text += " ".repeat(column) + (isRising ? "/" : "\\") + " ".repeat(side - 1 - column);
      }
      text += "\n";
    }
  }
  reply(ctx, `${text}\nTruchet tiles, after Sebastien Truchet, 1704. `);
}

// ---- 6: hills by night: two ridges made of a few waves each, stars above them

function drawHills(ctx: Ctx, first: number): void {
  const given = numbers(ctx, first, [80, 20]);
  if (given === null) return;
  const [columns, rows] = [clamp(given[0], 1000), clamp(given[1], 1000)];
  const roll = dice(ctx);
  const far = ridge(roll, columns, rows * 0.45, rows * 0.25);
  const near = ridge(roll, columns, rows * 0.75, rows * 0.2);
  let text = "";
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (row >= near[column]) text += "#";
      else if (row >= far[column]) text += ":";
      else text += roll() < 0.03 ? (roll() < 0.3 ? "*" : ".") : " ";
    }
    text += "\n";
  }
  reply(ctx, `${text}\nSomewhere north, long before the bits were counted. `);
}

/** The row of the ridge in every column. */
function ridge(roll: Dice, columns: number, base: number, swing: number): number[] {
  const waves = Array.from({ length: 4 }, (_, i) => ({
    speed: (i + 1) * (0.5 + roll()) * 2 * Math.PI / 80,
    shift: roll() * 2 * Math.PI,
    weight: swing / (i + 1) / 2,
  }));
  return Array.from(
    { length: columns },
    (_, column) =>
      waves.reduce(
        (sum, wave) => sum + wave.weight * Math.sin(column * wave.speed + wave.shift),
        base,
      ),
  );
}

export const LOLWUT_COMMANDS: readonly CommandSpec[] = [
  {
    name: "LOLWUT",
    group: "server",
    since: "5.0.0",
    arity: -1,
    flags: READONLY | FAST,
    args: [{ name: "version", type: "integer", token: "VERSION", optional: true }],
    summary: "Draws a picture and tells the version.",
    reply: ["verbatim"],
    examples: [["LOLWUT VERSION 1", "/^\\$17 Valkey ver\\.9\\.1\\.0\\n$/"]],
    run: lolwut,
  },
];
