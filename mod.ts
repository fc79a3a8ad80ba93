/**
 * Sigrun: a Valkey 9.1 server, client and toolbox.
 *
 * As a library it runs the server inside your program:
 *
 * ```ts
 * import { open } from "./mod.ts";
 *
 * const db = await open();
 * db.call("SET", "greeting", "hello");
 * console.log(db.call("GET", "greeting")); // hello
 * db.close();
 * ```
 *
 * or on a free port, for clients that want a socket:
 *
 * ```ts
 * import { listen } from "./mod.ts";
 *
 * const db = await listen({ port: "0" });
 * console.log(db.port > 0); // true
 * db.close();
 * ```
 *
 * As the main module it is the executable: `sigrun serve`, `sigrun cli`; see the README.
 *
 * @module
 */

import { basename } from "node:path";
import process from "node:process";
import type { Directives, Sigrun } from "./server/library.ts";
import type { ToolName } from "./server/tools.ts";

export type {
  Client,
  Directives,
  LocalConnection,
  ReplyError,
  Sigrun,
  Value,
  Word,
} from "./server/library.ts";

/**
 * A server in this process that listens nowhere; commands run through `call`.
 * Throws an Error that names the directive when one is unknown or has a bad value.
 */
export async function open(directives: Directives = {}): Promise<Sigrun> {
  const { openServer } = await import("./server/library.ts");
  return await openServer(directives, false);
}

/**
 * A server in this process that listens, by default on 127.0.0.1:6379; `port: "0"` takes a free port (see `Sigrun.port`).
 * Throws an Error with the reason when it cannot bind.
 */
export async function listen(directives: Directives = {}): Promise<Sigrun> {
  const { openServer } = await import("./server/library.ts");
  return await openServer({ bind: "127.0.0.1", ...directives }, true);
}

const USAGE = `Usage: sigrun serve [FILE] [--DIRECTIVE VALUE...]...   run the server
       sigrun cli [OPTIONS] [COMMAND [ARG...]]          the client
       sigrun check-rdb FILE [OPTIONS]                  says whether a snapshot is sane
       sigrun check-aof [OPTIONS] FILE                  says whether an append-only file is, repairs it
       sigrun version | help

Invoked through a link named valkey-server, valkey-cli, valkey-check-rdb or valkey-check-aof (or redis-...)
it acts as that program.
`;

/** Which program to be: by the name it was called with, else by the first word. */
function choose(name: string, words: string[]): [mode: string, args: string[]] {
  const byName = /^(?:valkey|redis)-(server|cli|check-rdb|check-aof)(?:\.exe)?$/.exec(name);
  if (byName !== null) return [byName[1] === "server" ? "serve" : byName[1], words];
  return [words[0] ?? "help", words.slice(1)];
}

// Parts that a server does without are imported by a name, not by a literal: Deno reads ahead whatever a literal may load,
// a tenth of the time a server takes to start. A name beside its import is folded when `scripts/build.ts` bundles.

async function cli(args: string[]): Promise<number> {
  const path = "./cli/main.ts";
  const { main }: typeof import("./cli/main.ts") = await import(path);
  const { SIGRUN_VERSION } = await import("./lib/version.ts");
  let server: Promise<Sigrun> | null = null;
  return await main(args, {
    version: SIGRUN_VERSION,
    docs: async () => (await import("./lib/commands/table.ts")).ALL_COMMANDS,
    embedded: async () => {
      // One server for the whole run: a client that connects again finds its data.
      server ??= open();
      const connection = (await server).connect();
      return {
        write: (bytes) => connection.send(bytes),
        set onData(receive: (bytes: Uint8Array) => void) {
          connection.onData = receive;
        },
        close: () => connection.close(),
      };
    },
  });
}

/** A tool, called by its own name or by a word of this program. */
async function tool(name: ToolName, args: string[]): Promise<number> {
  const path = "./server/tools.ts";
  const { toolMain }: typeof import("./server/tools.ts") = await import(path);
  const calledAs = basename(process.argv0);
  return toolMain(name, calledAs.endsWith(name) ? calledAs : `sigrun ${name}`, args);
}

async function run(): Promise<number> {
  const [mode, args] = choose(basename(process.argv0), process.argv.slice(2));
  switch (mode) {
    case "serve":
      return await (await import("./server/main.ts")).serverMain(args);
    case "cli":
      return await cli(args);
    case "check-rdb":
    case "check-aof":
      return await tool(mode, args);
    case "version":
    case "--version":
    case "-v": {
      const { SIGRUN_VERSION, VALKEY_VERSION } = await import("./lib/version.ts");
      process.stdout.write(`sigrun ${SIGRUN_VERSION} (valkey ${VALKEY_VERSION})\n`);
      return 0;
    }
    case "help":
    case "--help":
    case "-h":
      process.stdout.write(USAGE);
      return 0;
    default:
      process.stderr.write(`sigrun: unknown word '${mode}'\n${USAGE}`);
      return 2;
  }
}

if (import.meta.main) process.exit(await run());
