// interactive.ts: commands line by line: from a terminal with the line editor, else from a pipe.

import { utf8 } from "./byte_writer.ts";
import type { Client } from "./client.ts";
import { CliExit } from "./environment.ts";
import { LineRunner } from "./line_runner.ts";

/** Runs until the input ends or the user leaves. */
export async function runInteractive(client: Client): Promise<number> {
  client.io.surviveClosedOutput = true;
  await client.connect();
  client.interactive = true;
  if (client.io.stdinIsTty) {
    const { runRepl } = await import("./repl.ts");
    return await runRepl(client);
  }
  return await runPiped(client);
}

/** No prompt, no history, no preferences: each line is a command, errors do not stop. */
async function runPiped(client: Client): Promise<number> {
  const runner = new LineRunner(client);
  while (true) {
    const line = await client.io.input.line();
    if (line === null) {
      if (!client.pubSub) return 0;
      client.pubSub = false;
      if (await client.connect({ force: true })) continue;
      return 0;
    }
    const effect = await runner.run(line);
    if (effect === "leave") return 0;
    if (effect === "done" && client.pubSub) await showMessagesUntilInput(client);
  }
}

const ERASE_LINE = utf8("\x1b[K");
const WAITING = "Reading messages... (press Ctrl-C to quit or any key to type command)\r";

/** Shows what is published until there is input again. */
async function showMessagesUntilInput(client: Client): Promise<void> {
  const { io } = client;
  const announce = client.options.output !== "raw" && io.stdoutIsTty;
  while (client.pubSub && client.connection !== null) {
    client.showWaitingReplies();
    if (announce) io.print(waitingText(io.variables));
    const arrival = client.connection.arrival();
    await Promise.race([arrival.then(() => {}), io.input.ready()]);
    if (announce) io.out(ERASE_LINE);
    const shown = client.showWaitingReplies();
    if (shown) continue;
    if (client.connection.ended !== null) {
      client.sayConnectionError();
      throw new CliExit(1);
    }
    return;
  }
}

/** The line that tells that the client waits, in grey where the terminal is known to do colours. */
export function waitingText(variables: Readonly<Record<string, string | undefined>>): string {
  const grey = !variables.NO_COLOR && variables.TERM?.includes("xterm");
  return grey ? `\x1b[1;90m${WAITING}\x1b[0m` : WAITING;
}
