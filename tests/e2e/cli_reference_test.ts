// The corpus of invocations, each run by the client under test and by a valkey-cli; output, errors
// and exit codes must be the same bytes. Needs SIGRUN_REFERENCE_CLI.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createServer } from "node:net";
import process from "node:process";
import { test } from "node:test";
import { OUTPUT_ROWS } from "../cli/output_rows.ts";
import { SeededRandom } from "../kit/clock.ts";
import { bytesOf } from "../kit/resp.ts";
import { startServer } from "../kit/server.ts";
import { skipped } from "../kit/shared.ts";
import { corpus, type Invocation } from "./cli_corpus.ts";
import { type Outcome, referenceCli, runCli } from "./cli_kit.ts";

test("the client prints what valkey-cli prints", async () => {
  const reference = referenceCli();
  if (reference === null) return skipped("SIGRUN_REFERENCE_CLI names no valkey-cli");
  const server = await startServer({ args: ["--unixsocket", "SOCKET"] });
  writeFileSync(join(server.dir, "SCRIPT"), "return {KEYS, ARGV}");
  writeFileSync(join(server.dir, "BROKEN"), "this is no script");
  const differences: string[] = [];
  const rows = corpus();
  try {
    for (const row of rows) {
      const place = (word: string) =>
        word.replaceAll("PORT", String(server.port))
          .replaceAll(/^(SOCKET|SCRIPT|BROKEN)$/g, (name) => join(server.dir, name));
      const expected = await run(row, place, server.port, reference);
      const got = await run(row, place, server.port, undefined);
      if (!same(row, expected, got)) differences.push(describe(row, expected, got));
    }
  } finally {
    await server.stop();
  }
  console.log(`${rows.length} invocations, ${differences.length} differences`);
  assert.deepEqual(differences.join("\n"), "");
});

/** A server that answers everything with the same bytes; `answer` may be changed. */
class Parrot {
  answer = "";
  readonly #server = createServer((socket) => {
    socket.on("data", () => socket.write(bytesOf(this.answer)));
    socket.on("error", () => {}); // a client that leaves in the middle
  });

  listen(): Promise<number> {
    return new Promise((resolve) => {
      this.#server.listen(0, "127.0.0.1", () => {
        const address = this.#server.address();
        resolve(address !== null && typeof address === "object" ? address.port : 0);
      });
    });
  }

  close(): void {
    this.#server.close();
  }
}

test("the table of output forms is what valkey-cli prints", async () => {
  const reference = referenceCli();
  if (reference === null) return skipped("SIGRUN_REFERENCE_CLI names no valkey-cli");
  const parrot = new Parrot();
  const port = String(await parrot.listen());
  try {
    for (const row of OUTPUT_ROWS.filter((one) => one.differs === undefined)) {
      parrot.answer = row.wire;
      for (
        const [form, expected] of [["--no-raw", row.tty], ["--raw", row.raw], ["--csv", row.csv], [
          "--json",
          row.json,
        ]]
      ) {
        // RESP2 keeps the client from a HELLO that would get the same answer.
        const outcome = await runCli(["-2", "-p", port, form, "get", "x"], { program: reference });
        assert.deepEqual({ row: row.name, form, out: outcome.stdout }, {
          row: row.name,
          form,
          out: expected,
        });
      }
    }
  } finally {
    parrot.close();
  }
});

/** A table of argument trees to make inputs from: every name, with the tokens of its arguments. */
type Topic = { name: string; tokens: string[] };

async function topicsOf(port: number): Promise<Topic[]> {
  const { stdout } = await runCli(["-p", String(port), "--json", "command", "docs"]);
  const topics: Topic[] = [];
  const collect = (args: Record<string, unknown>[], tokens: string[]): string[] => {
    for (const arg of args) {
      if (typeof arg.token === "string" && arg.token !== "") tokens.push(arg.token);
      if (Array.isArray(arg.arguments)) collect(arg.arguments, tokens);
    }
    return tokens;
  };
  const visit = (docs: Record<string, Record<string, unknown>>): void => {
    for (const [name, doc] of Object.entries(docs)) {
      const args = Array.isArray(doc.arguments) ? doc.arguments : [];
      topics.push({ name: name.replace("|", " "), tokens: collect(args, []) });
      if (doc.subcommands) visit(doc.subcommands as Record<string, Record<string, unknown>>);
    }
  };
  visit(JSON.parse(stdout));
  return topics;
}

test("random inputs give the hints of valkey-cli", async () => {
  const reference = referenceCli();
  if (reference === null) return skipped("SIGRUN_REFERENCE_CLI names no valkey-cli");
  const server = await startServer();
  try {
    const random = new SeededRandom(Number(process.env.SIGRUN_SEED ?? 4711));
    const topics = await topicsOf(server.port);
    const inputs: string[] = [];
    while (inputs.length < 2000) {
      const { name, tokens } = random.pick(topics);
      const words = [name];
      for (let count = random.below(9); count > 0; count--) {
        const word = random.pick(["7", "-3", "1.5", "key", "x1", "1x", "nan"]);
        words.push(tokens.length > 0 && random.chance(0.45) ? random.pick(tokens) : word);
      }
      const input = words.join(" ") + (random.chance(0.7) ? " " : "");
      if (input.length < 200) inputs.push(input); // the reference reads lines of 255 bytes
    }
    const file = join(server.dir, "hints.txt");
    writeFileSync(file, inputs.map((input) => `"${input}" "?"\n`).join(""));
    const args = ["-p", String(server.port), "--verbose", "--test_hint_file", file];
    const expected = hintsIn((await runCli(args, { program: reference })).stdout);
    const got = hintsIn((await runCli(args)).stdout);
    assert.equal(got.length, inputs.length);
    assert.deepEqual(got, expected, `seed ${random.seed}`);
  } finally {
    await server.stop();
  }
});

/** The lines that tell a hint; blanks at the end and repeated ones say nothing. */
function hintsIn(stdout: string): string[] {
  return stdout.split("\n").filter((line) => line.startsWith("Input: "))
    .map((line) => line.replaceAll(/ +/g, " ").replace(/ '$/, "'").replace("'(null)'", "'null'"));
}

function run(
  row: Invocation,
  place: (word: string) => string,
  port: number,
  program: string | undefined,
): Promise<Outcome> {
  const address = row.bare ? [] : ["-p", String(port)];
  return runCli([...address, ...row.args.map(place)], {
    stdin: place(row.stdin ?? ""),
    env: row.env ?? {},
    program,
  });
}

/** The number of a connection differs by nature. */
function steady(text: string, unordered: boolean | undefined): string {
  const plain = text.replaceAll(/(\bid\b\W+(?:\d+\) )?(?:\(integer\) )?)\d+/g, "$1N");
  return unordered ? plain.split("\n").sort().join("\n") : plain;
}

function same(row: Invocation, expected: Outcome, got: Outcome): boolean {
  return steady(expected.stdout, row.unordered) === steady(got.stdout, row.unordered) &&
    expected.stderr === got.stderr && expected.code === got.code;
}

function describe(row: Invocation, expected: Outcome, got: Outcome): string {
  return `${JSON.stringify(row)}\n  expected ${JSON.stringify(expected)}\n  got      ${
    JSON.stringify(got)
  }`;
}
