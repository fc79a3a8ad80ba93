// help.ts: replies that commands with subcommands share: their HELP text and the error for a wrong use.

import { argText } from "./args.ts";
import type { Ctx } from "./context.ts";

/** Characters of a subcommand that an error repeats. */
const SHOWN_CHARS_MAX = 128;

/**
 * The reply of "CONTAINER HELP": how to use it, one line for each word of `lines` (a subcommand, then its explanation
 * indented by four blanks), and the line about HELP itself.
 */
export function replyHelp(ctx: Ctx, lines: readonly string[]): void {
  const name = argText(ctx, 0).toUpperCase();
  ctx.out.array(lines.length + 3);
  ctx.out.simple(`${name} <subcommand> [argument ...]. There are these subcommands:`);
  for (const text of lines) ctx.out.simple(text);
  ctx.out.simple("HELP");
  ctx.out.simple("    Show this text.");
}

/** The error of a command that tells its subcommands apart by itself. */
export function replySubcommandError(ctx: Ctx): void {
  const name = argText(ctx, 0).toUpperCase();
  const sub = argText(ctx, 1).slice(0, SHOWN_CHARS_MAX);
  ctx.out.errorText(
    `ERR unknown subcommand or wrong number of arguments for '${sub}'. Try ${name} HELP.`,
  );
}
