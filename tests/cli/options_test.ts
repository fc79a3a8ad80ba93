import assert from "node:assert/strict";
import { test } from "node:test";
import {
  applyVariables,
  defaultOptions,
  leadingInteger,
  type Options,
  parseOptions,
} from "../../cli/options.ts";

/** What a command line changes of the defaults, as plain data. */
function changes(words: string[], isTty = false): Record<string, unknown> {
  const before: Record<string, unknown> = { ...defaultOptions(isTty) };
  const after: Record<string, unknown> = { ...parseOptions(words, isTty).options };
  const changed: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(after)) {
    if (value instanceof Set) {
      if (value.size > 0) changed[name] = [...value];
    } else if (value instanceof Uint8Array) {
      changed[name] = new TextDecoder().decode(value);
    } else if (value !== before[name]) changed[name] = value;
  }
  return changed;
}

const settings: [words: string, changed: Record<string, unknown>][] = [
  ["", {}],
  ["-h there -p 7000 -n 5", { host: "there", port: 7000, db: 5 }],
  ["-p 0", { port: 0 }],
  ["-p 12abc", { port: 12 }],
  ["-s some/path", { socketPath: "some/path" }],
  ["-t 1.5", { connectTimeoutMs: 1500 }],
  ["-t 0", {}],
  ["-a secret --user bob", { password: "secret", user: "bob" }],
  ["--pass secret --no-auth-warning", { password: "secret", noAuthWarning: true }],
  ["--askpass", { askPassword: true }],
  ["-2", { resp2: true }],
  ["-3", { resp3: "asked" }],
  ["--json", { output: "json", resp3: "implied" }],
  ["-3 --json", { output: "json", resp3: "asked" }],
  ["--json -3", { output: "json", resp3: "asked" }],
  ["-2 --json", { output: "json", resp3: "implied", resp2: true }],
  ["--quoted-json", { output: "quoted-json", resp3: "implied" }],
  ["--csv --no-raw", { output: "standard" }],
  ["--no-raw --csv", { output: "csv" }],
  ["-r -1 -i 0.25", { repeat: -1, intervalMs: 250 }],
  ["-i 0.0001", { intervalMs: 0.1 }],
  ["-r x -i x", { repeat: 0 }],
  ["-d ; -D end", { itemDelimiter: ";", replyDelimiter: "end" }],
  ["-x", { lastWordFromStdin: true }],
  ["-X tag", { stdinTag: "tag" }],
  ["-e --verbose --quoted-input", { failOnError: true, verbose: true, quotedInput: true }],
  ["-c -4", { clusterMode: true, preferIpv4: true }],
  ["-6", { preferIpv6: true }],
  ["--show-pushes yes", { showPushes: true }],
  ["--show-pushes n", {}],
  ["--eval file", { evalFile: "file" }],
  ["--embedded", { embedded: true }],
  ["--scan --pattern a* --count 7", { modes: ["scan"], pattern: "a*", scanCount: 7 }],
  ['--quoted-pattern "\\x41"', { pattern: "A" }],
  ["--pipe --pipe-timeout 3", { modes: ["pipe"], pipeTimeoutSeconds: 3 }],
  ["--latency-history", { modes: ["latency"], latencyHistory: true }],
  ["--memkeys-samples 9", { modes: ["memkeys"], memkeysSamples: 9 }],
  ["--hotkeys-count 3", { modes: ["hotkeys"], hotkeysCount: 3 }],
  ["--slave", { modes: ["replica"] }],
  ["--cluster info 127.0.0.1:7000 --cluster-yes", { modes: ["cluster"] }],
  ["--tls --sni name --insecure", { tls: true, sni: "name", insecure: true }],
  ["--cacert a --cacertdir b --cert c --key d", {
    caFile: "a",
    caFolder: "b",
    certFile: "c",
    keyFile: "d",
  }],
  ["--tls-ciphers a --tls-ciphersuites b", { tlsCiphers: "a", tlsCipherSuites: "b" }],
  ["-u valkeys://bob:pw@there:7000/3", {
    tls: true,
    user: "bob",
    password: "pw",
    host: "there",
    port: 7000,
    db: 3,
  }],
  ["--mptcp", { multipath: true }],
];

for (const [words, changed] of settings) {
  test(`options: ${words}`, () => {
    const parsed = parseOptions(words.split(" ").filter((word) => word !== ""), false);
    assert.equal(parsed.exit, null);
    assert.deepEqual(changes(words.split(" ").filter((word) => word !== "")), changed);
  });
}

const refusals: [words: string, message: string][] = [
  ["--nosuch", "Unrecognized option or bad number of args for: '--nosuch'\n"],
  ["-p", "Unrecognized option or bad number of args for: '-p'\n"],
  ["--show-pushes", "Unrecognized option or bad number of args for: '--show-pushes'\n"],
  ["-p abc", "Invalid server port.\n"],
  ["-p 65536", "Invalid server port.\n"],
  ["-p -1", "Invalid server port.\n"],
  ["-t abc", "Invalid connection timeout for -t.\n"],
  ["-t -1", "Invalid connection timeout for -t.\n"],
  ["-u ftp://x", "Invalid URI scheme\n"],
  ["-u valkey://x:99999", "Invalid server port.\n"],
  ["-2 -3", "Options -2 and -3 are mutually exclusive.\n"],
  ["-4 -6", "Options -4 and -6 are mutually exclusive.\n"],
  ["-c -s x", "Options -c and -s are mutually exclusive.\n"],
  ["-x -X tag", "Options -x and -X are mutually exclusive.\n"],
  ["--rdb a --functions-rdb b", "Option --functions-rdb and --rdb are mutually exclusive.\n"],
  ['--quoted-pattern "', "Invalid quoted string specified for --quoted-pattern.\n"],
  ["--rdma", "Option --rdma is not supported.\n"],
  ["--mptcp -s x", "Options --mptcp is only supported by TCP.\n"],
  [
    "--ldb",
    "Options --ldb and --ldb-sync-mode require --eval.\n" +
    "Try valkey-cli --help for more information.\n",
  ],
];

for (const [words, message] of refusals) {
  test(`options: ${words} is refused`, () => {
    const parsed = parseOptions(words.split(" "), false);
    assert.deepEqual([parsed.exit, parsed.messages], [1, message]);
  });
}

test("options: the command starts at the first word that is no option", () => {
  const first = (words: string) => parseOptions(words.split(" "), false).first;
  assert.equal(first("-p 7000 get -h"), 2);
  assert.equal(first("get key"), 0);
  assert.equal(first("-x"), 1);
});

test("options: -h as the last word asks for help", () => {
  assert.deepEqual(parseOptions(["-h"], false).show, "usage");
  assert.deepEqual(parseOptions(["-p", "1", "-h"], false).exit, 0);
  assert.deepEqual(parseOptions(["--help", "--nosuch"], false).show, "usage");
  assert.deepEqual(parseOptions(["-v"], false).show, "version");
  assert.deepEqual(parseOptions(["--nosuch", "-v"], false).exit, 1);
});

test("options: a terminal changes the defaults", () => {
  assert.equal(defaultOptions(true).output, "standard");
  assert.equal(defaultOptions(true).showPushes, true);
  assert.deepEqual(changes(["--show-pushes", "no"], true), { showPushes: false });
});

test("options: a password on the command line is warned about", () => {
  const warned = (words: string) => parseOptions(words.split(" "), false).messages !== "";
  assert.equal(warned("-a x"), true);
  assert.equal(warned("-u valkey://x@h"), true);
  assert.equal(warned("-a x --no-auth-warning"), false);
  assert.equal(warned("--user x"), false);
  const unknown = parseOptions(["--show-pushes", "maybe"], false);
  assert.equal(unknown.messages, "Unknown --show-pushes value 'maybe' (valid: '[y]es', '[n]o')\n");
  assert.equal(unknown.exit, null);
});

test("options: what the environment adds", () => {
  const given = (words: string[], variables: Record<string, string>): Options => {
    const { options } = parseOptions(words, false);
    applyVariables(options, variables, words);
    return options;
  };
  assert.equal(given([], { VALKEYCLI_AUTH: "new", REDISCLI_AUTH: "old" }).password, "new");
  assert.equal(given([], { REDISCLI_AUTH: "old" }).password, "old");
  assert.equal(given(["-a", "given"], { VALKEYCLI_AUTH: "new" }).password, "given");
  const place = { VALKEYCLI_HOST: "there", VALKEYCLI_PORT: "7000" };
  assert.deepEqual([given([], place).host, given([], place).port], ["there", 7000]);
  const both = given(["-h", "here", "-p", "1"], place);
  assert.deepEqual([both.host, both.port], ["here", 1]);
});

test("options: numbers are read as far as they go", () => {
  const rows: [string, number][] = [["12", 12], [" 7x", 7], ["-3", -3], ["+4", 4], ["x", 0]];
  for (const [text, number] of rows) assert.equal(leadingInteger(text), number);
});
