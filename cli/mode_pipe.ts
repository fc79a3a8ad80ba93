// mode_pipe.ts: protocol from standard input straight to the server, replies counted.
//
// Sending and reading run side by side, so neither can block the other. At the end of the input an
// ECHO of random bytes is sent: when they come back, every reply before them has come too. A blank
// line goes before it, so that it is understood even after an unfinished command.

import { randomFillSync } from "node:crypto";
import { latin1, textOf, utf8 } from "./byte_writer.ts";
import type { Client } from "./client.ts";
import type { Connection } from "./connection.ts";
import { CliExit } from "./environment.ts";
import { join } from "./io.ts";

const MARK_BYTES = 20;

/** Runs the mode; the exit code is 1 when a reply was an error. */
export async function runPipe(client: Client): Promise<number> {
  const connection = client.connection;
  if (connection === null) return 1;
  const pipe = new Pipe(client, connection);
  const sending = pipe.send();
  await pipe.receive();
  await sending;
  return pipe.report();
}

class Pipe {
  readonly #client: Client;
  readonly #connection: Connection;
  readonly #mark = new Uint8Array(MARK_BYTES);
  #ended = false;
  #finished = false;
  #errors = 0;
  #replies = 0;

  constructor(client: Client, connection: Connection) {
    this.#client = client;
    this.#connection = connection;
  }

  async send(): Promise<void> {
    const { input } = this.#client.io;
    while (!this.#finished) {
      const chunk = await Promise.race([input.chunk(), this.#connection.whenEnded]);
      if (chunk === null || this.#connection.ended !== null) break;
      this.#connection.write(chunk);
      await this.#connection.flushed();
    }
    if (this.#finished || this.#connection.ended !== null) return;
    randomFillSync(this.#mark);
    this.#ended = true;
    this.#client.io.print("All data transferred. Waiting for the last reply...\n");
    const head = utf8(`\r\n*2\r\n$4\r\nECHO\r\n$${MARK_BYTES}\r\n`);
    this.#connection.write(join([head, this.#mark, utf8("\r\n")]));
  }

  async receive(): Promise<void> {
    while (!this.#finished) {
      const reply = this.#connection.take();
      if (reply === null) {
        await this.#waitForMore();
        continue;
      }
      this.#replies++;
      if (reply.kind === "error") {
        this.#client.io.err(`${textOf(reply.bytes)}\n`);
        this.#errors++;
      } else if (this.#ended && reply.kind === "bulk" && this.#isMark(reply.bytes)) {
        this.#client.io.print("Last reply received from server.\n");
        this.#replies--;
        this.#finished = true;
      }
    }
  }

  report(): number {
    this.#client.io.print(`errors: ${this.#errors}, replies: ${this.#replies}\n`);
    return this.#errors > 0 ? 1 : 0;
  }

  async #waitForMore(): Promise<void> {
    const { ended } = this.#connection;
    if (ended !== null) {
      this.#client.io.err(
        ended.kind === "protocol"
          ? "Error reading replies from server\n"
          : `Error: ${ended.text}\n`,
      );
      throw new CliExit(1);
    }
    const seconds = this.#client.options.pipeTimeoutSeconds;
    const arrived = await arrivalWithin(this.#connection, seconds > 0 ? seconds * 1000 : 0);
    // The limit counts from the last reply, but only once everything has been sent.
    if (arrived || !this.#ended) return;
    this.#client.io.err(`No replies for ${seconds} seconds: exiting.\n`);
    this.#errors++;
    this.#finished = true;
  }

  #isMark(bytes: Uint8Array): boolean {
    return latin1(bytes) === latin1(this.#mark);
  }
}

/** True when something arrived within `ms`; 0 waits for ever. */
async function arrivalWithin(connection: Connection, ms: number): Promise<boolean> {
  if (ms === 0) {
    await connection.arrival();
    return true;
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const arrived = await Promise.race([connection.arrival().then(() => true), late]);
  clearTimeout(timer);
  return arrived;
}
