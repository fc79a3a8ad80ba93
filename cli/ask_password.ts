// ask_password.ts: a line from standard input that is not shown while it is typed.

import { textOf } from "./byte_writer.ts";
import type { Io } from "./io.ts";

/** Asks for a password; an ended input gives an empty one. */
export async function askPassword(io: Io, question: string): Promise<string> {
  if (!io.stdinIsTty) {
    const line = await io.input.line();
    return line === null ? "" : textOf(line);
  }
  const { readMasked } = await import("./terminal.ts");
  return await readMasked(io, question);
}
