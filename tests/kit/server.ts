// server.ts: starts the server under test as a process of its own, for end-to-end tests.
//
// What is started: the executable that SIGRUN_BIN names, else mod.ts on the runtime that runs the
// test. Each server has a free port of 127.0.0.1 and a folder of its own that is removed with it.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { encodeArgs } from "./resp.ts";
import { PROJECT_ROOT } from "./shared.ts";
import { openSocket, socketTransport } from "./socket_transport.ts";
import type { Connection, Transport } from "./transport.ts";

const READY_MS = 20_000;
const STOP_MS = 10_000;

/** How to start a server. */
export interface ServerOptions {
  /** Further arguments, such as ["--appendonly", "yes"]. */
  args?: readonly string[];
  /** Working folder that is kept; a new temporary one, removed at the end, when absent. */
  dir?: string;
  /** Port to listen on; a free one when absent. */
  port?: number;
}

/** The command line that runs the program under test, without its arguments. */
export function programUnderTest(): string[] {
  const binary = process.env.SIGRUN_BIN;
  if (binary) return [resolve(PROJECT_ROOT, binary)];
  const main = join(PROJECT_ROOT, "mod.ts");
  return process.versions.deno
    ? [process.execPath, "run", "-A", "--no-check", main]
    : [process.execPath, main];
}

/** A port of 127.0.0.1 on which nobody listens at the moment. */
export function freePort(): Promise<number> {
  return new Promise((done, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = address !== null && typeof address === "object" ? address.port : 0;
      probe.close(() => done(port));
    });
  });
}

/** A running server. */
export class TestServer {
  readonly port: number;
  readonly dir: string;
  readonly host = "127.0.0.1";
  #child: ChildProcess;
  #log = "";
  #exit: Promise<number>;
  #exitCode: number | undefined;
  #removeDir: boolean;

  constructor(child: ChildProcess, port: number, dir: string, removeDir: boolean) {
    this.#child = child;
    this.port = port;
    this.dir = dir;
    this.#removeDir = removeDir;
    const collect = (chunk: Uint8Array) => {
      this.#log += new TextDecoder().decode(chunk);
    };
    child.stdout?.on("data", collect);
    child.stderr?.on("data", collect);
    this.#exit = new Promise((done) => {
      const ended = (code: number) => {
        this.#exitCode = code;
        done(code);
      };
      child.once("error", (error) => {
        this.#log += `${error.message}\n`;
        ended(127);
      });
      child.once("close", (code, signal) => ended(code ?? (signal === null ? 1 : 128)));
    });
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** Everything the server printed so far. */
  get log(): string {
    return this.#log;
  }

  /** Undefined while it runs; 128 when a signal ended it. */
  get exitCode(): number | undefined {
    return this.#exitCode;
  }

  /** Resolves with the exit code when the process has ended. */
  exited(): Promise<number> {
    return this.#exit;
  }

  connect(): Promise<Connection> {
    return openSocket(this.host, this.port);
  }

  transport(): Transport {
    return socketTransport(this.host, this.port);
  }

  /** Sends a signal to this process only. */
  signal(name: NodeJS.Signals): void {
    if (this.#exitCode === undefined) this.#child.kill(name);
  }

  /** Ends the server, politely first, and removes its folder. Returns the exit code. */
  async stop(): Promise<number> {
    this.signal("SIGTERM");
    const timer = setTimeout(() => this.signal("SIGKILL"), STOP_MS);
    const code = await this.#exit;
    clearTimeout(timer);
    if (this.#removeDir) rmSync(this.dir, { recursive: true, force: true });
    return code;
  }

  /** Waits until the server answers PING. Throws with the log when it ends or takes too long. */
  async ready(): Promise<void> {
    const until = Date.now() + READY_MS;
    while (Date.now() < until && this.#exitCode === undefined) {
      if (await this.#answers()) return;
      await new Promise((done) => setTimeout(done, 20));
    }
    await this.stop();
    throw new Error(`the server did not become ready (exit code ${this.#exitCode}):\n${this.#log}`);
  }

  async #answers(): Promise<boolean> {
    let connection: Connection | undefined;
    try {
      connection = await this.connect();
      await connection.write(encodeArgs(["PING"]));
      return (await connection.frame(1000)).startsWith("+PONG");
    } catch {
      // Not listening yet, or not answering yet: the caller tries again until its time is up.
      return false;
    } finally {
      connection?.close();
    }
  }
}

/** Starts a server and waits until it is ready. The caller stops it. */
export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), "sigrun-test-"));
  const port = options.port ?? await freePort();
  const [program, ...words] = programUnderTest();
  const basics = ["--port", String(port), "--bind", "127.0.0.1", "--dir", dir, "--save", ""];
  const args = [...words, "serve", ...basics, ...options.args ?? []];
  const child = spawn(program, args, { cwd: dir, stdio: ["ignore", "pipe", "pipe"] });
  const server = new TestServer(child, port, dir, options.dir === undefined);
  await server.ready();
  return server;
}

/** Runs a body with a server and stops it in any case. */
export async function withServer(
  options: ServerOptions,
  body: (server: TestServer) => Promise<void>,
): Promise<void> {
  const server = await startServer(options);
  try {
    await body(server);
  } finally {
    await server.stop();
  }
}
