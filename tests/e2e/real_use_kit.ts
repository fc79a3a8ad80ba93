// real_use_kit.ts: small applications, as people write them with a client library, and what they see.
//
// A scenario notes what it sees, line by line. It is played against the program as users run it, and, with
// SIGRUN_REFERENCE=host:port, against that server too (which is emptied): both must see the same.

import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import type { Redis } from "ioredis";
import { withServer } from "../kit/server.ts";
import { skipped } from "../kit/shared.ts";

/** What an application gets. */
export interface Stage {
  /** A new connection; all are closed at the end. */
  connect(): Redis;
  /** Writes a line of the transcript: values as JSON. */
  note(...seen: unknown[]): void;
  /** Waits for something that other connections bring about. */
  until(isTrue: () => boolean): Promise<void>;
}

export type Scenario = (stage: Stage) => Promise<void>;

const WAIT_MS = 15_000;
const LOOK_MS = 5;

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  while (!isTrue()) {
    if (Date.now() > deadline) throw new Error(`waited ${WAIT_MS} ms for: ${isTrue}`);
    await new Promise((done) => setTimeout(done, LOOK_MS));
  }
}

async function play(scenario: Scenario, host: string, port: number): Promise<string[]> {
  const { Redis } = await import("ioredis");
  const connections: Redis[] = [];
  const lines: string[] = [];
  const connect = () => {
    const connection = new Redis({ host, port, maxRetriesPerRequest: 0 });
    connections.push(connection);
    return connection;
  };
  try {
    await connect().flushall();
    await scenario({
      connect,
      note: (...seen) => lines.push(seen.map((one) => JSON.stringify(one)).join(" ")),
      until,
    });
  } finally {
    for (const connection of connections) connection.disconnect();
  }
  return lines;
}

/** Declares a test: plays the scenario and checks the transcript. */
export function realUse(name: string, scenario: Scenario, expected: readonly string[]): void {
  test(`real use: ${name}`, async () => {
    let library: unknown;
    try {
      library = await import("ioredis");
    } catch {
      return skipped("ioredis is not installed");
    }
    assert.ok(library);
    await withServer({}, async (server) => {
      assert.deepEqual(await play(scenario, server.host, server.port), expected);
    });
    const reference = process.env.SIGRUN_REFERENCE;
    if (!reference) return;
    const [host, port] = reference.split(":");
    assert.deepEqual(await play(scenario, host, Number(port)), expected, "the reference");
  });
}
