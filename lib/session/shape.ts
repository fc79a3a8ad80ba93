// shape.ts: what the common path asks of a command, in one word.
//
//    31         18   17          16        15                       0
//   +-------------+-----------+---------+--------------------------+
//   |             | container | quick   | exact | arguments needed |       exact: bit 15
//   +-------------+-----------+---------+--------------------------+
//
// "Quick" commands are so short that their time is measured over a batch and shared out.

import { BLOCKING, FAST } from "../commands/spec.ts";
import type { CommandTable } from "../commands/table.ts";

const NEED_MASK = 0x7fff;
const SHAPE_EXACT = 0x8000;
export const SHAPE_QUICK = 0x10000;
export const SHAPE_CONTAINER = 0x20000;

/** Commands that are as quick as those with the FAST flag. */
const QUICK = [
  "set",
  "getset",
  "mget",
  "mset",
  "getrange",
  "setex",
  "psetex",
  "append",
  "getex",
  "del",
];

/** The shapes of all commands by id. */
export function commandShapes(table: CommandTable): Int32Array {
  const { arity, subcommands } = table;
  const quick = table.mark((name, flags) =>
    (flags & (FAST | BLOCKING)) === FAST || QUICK.includes(name)
  );
  const shapes = new Int32Array(table.count);
  for (let id = 0; id < shapes.length; id++) {
    shapes[id] = Math.abs(arity[id]) | (arity[id] >= 0 ? SHAPE_EXACT : 0) |
      (quick[id] !== 0 ? SHAPE_QUICK : 0) | (subcommands[id] !== null ? SHAPE_CONTAINER : 0);
  }
  return shapes;
}

/** Whether a command of this shape takes `argc` arguments, its name included. */
export function shapeFits(shape: number, argc: number): boolean {
  const need = shape & NEED_MASK;
  return argc === need || (argc > need && (shape & SHAPE_EXACT) === 0);
}
