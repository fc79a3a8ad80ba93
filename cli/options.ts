// options.ts: the command line of the client, read into one plain object.
//
// Options come first; the first word that is no option starts the command. Numbers are read as the
// original client reads them: leading digits count, the rest is ignored. Reading has no effects:
// what is to be printed, and the exit code if the run ends here, are part of the result.

import { utf8 } from "./byte_writer.ts";
import { parseUri } from "./uri.ts";
import { unquoteWord } from "./words.ts";

/** How replies are printed. */
export type OutputMode = "standard" | "raw" | "csv" | "json" | "quoted-json";

/** What to do instead of sending commands. */
export type SpecialMode =
  | "bigkeys"
  | "cluster"
  | "functions-rdb"
  | "hotkeys"
  | "intrinsic-latency"
  | "latency"
  | "latency-dist"
  | "lru-test"
  | "memkeys"
  | "pipe"
  | "rdb"
  | "replica"
  | "scan"
  | "stat"
  | "test-hint"
  | "test-hint-file";

/** What the options ask for, defaults filled in. */
export interface Options {
  host: string;
  port: number;
  /** Path of a Unix socket, which replaces host and port. */
  socketPath: string | null;
  embedded: boolean;
  connectTimeoutMs: number;
  /** Asked for, not supported: plain TCP is used and a message says so. */
  multipath: boolean;
  preferIpv4: boolean;
  preferIpv6: boolean;
  tls: boolean;
  sni: string | null;
  caFile: string | null;
  caFolder: string | null;
  insecure: boolean;
  certFile: string | null;
  keyFile: string | null;
  tlsCiphers: string | null;
  tlsCipherSuites: string | null;
  user: string | null;
  password: string | null;
  askPassword: boolean;
  noAuthWarning: boolean;
  db: number;
  resp2: boolean;
  /** "implied" by JSON output, which does without when the server does not know it. */
  resp3: "no" | "asked" | "implied";
  /** Times to send the command; below zero for ever. */
  repeat: number;
  intervalMs: number;
  lastWordFromStdin: boolean;
  stdinTag: string | null;
  quotedInput: boolean;
  output: OutputMode;
  itemDelimiter: string;
  replyDelimiter: string;
  failOnError: boolean;
  showPushes: boolean;
  verbose: boolean;
  clusterMode: boolean;
  evalFile: string | null;
  debugScript: boolean;
  /** Modes asked for, most urgent first decides. */
  modes: Set<SpecialMode>;
  latencyHistory: boolean;
  pattern: Uint8Array | null;
  scanCount: number;
  pipeTimeoutSeconds: number;
  memkeysSamples: number;
  hotkeysCount: number;
  hintInput: string;
  hintFile: string;
  /** Where a snapshot goes; "-" is standard output. */
  rdbFile: string;
}

/** The options, and where the command starts in the words given. */
export type ParsedOptions = {
  options: Options;
  /** Index of the first word of the command; the number of words when there is none. */
  first: number;
  /** Text for standard error. */
  messages: string;
  /** Ask for the usage text or the version on standard output. */
  show: "usage" | "version" | null;
  /** The run ends here with this code, or null. */
  exit: number | null;
};

/** Thrown inside the parser: the text for standard error, and the run ends with code 1. */
class BadOption extends Error {}

const PORT_MAX = 65535;

/** The options before any word is read. */
export function defaultOptions(outputIsTty: boolean): Options {
  return {
    host: "127.0.0.1",
    port: 6379,
    socketPath: null,
    embedded: false,
    connectTimeoutMs: 0,
    multipath: false,
    preferIpv4: false,
    preferIpv6: false,
    tls: false,
    sni: null,
    caFile: null,
    caFolder: null,
    insecure: false,
    certFile: null,
    keyFile: null,
    tlsCiphers: null,
    tlsCipherSuites: null,
    user: null,
    password: null,
    askPassword: false,
    noAuthWarning: false,
    db: 0,
    resp2: false,
    resp3: "no",
    repeat: 1,
    intervalMs: 0,
    lastWordFromStdin: false,
    stdinTag: null,
    quotedInput: false,
    output: outputIsTty ? "standard" : "raw",
    itemDelimiter: "\n",
    replyDelimiter: "\n",
    failOnError: false,
    showPushes: outputIsTty,
    verbose: false,
    clusterMode: false,
    evalFile: null,
    debugScript: false,
    modes: new Set(),
    latencyHistory: false,
    pattern: null,
    scanCount: 10,
    pipeTimeoutSeconds: 30,
    memkeysSamples: 0,
    hotkeysCount: 16,
    hintInput: "",
    hintFile: "",
    rdbFile: "",
  };
}

/** Options without a value. */
const SWITCHES: Record<string, (options: Options) => void> = {
  "-2": (o) => o.resp2 = true,
  "-3": (o) => o.resp3 = "asked",
  "-4": (o) => o.preferIpv4 = true,
  "-6": (o) => o.preferIpv6 = true,
  "-c": (o) => o.clusterMode = true,
  "-e": (o) => o.failOnError = true,
  "-x": (o) => o.lastWordFromStdin = true,
  "--askpass": (o) => o.askPassword = true,
  "--bigkeys": (o) => o.modes.add("bigkeys"),
  "--csv": (o) => o.output = "csv",
  "--embedded": (o) => o.embedded = true,
  "--hotkeys": (o) => o.modes.add("hotkeys"),
  "--insecure": (o) => o.insecure = true,
  "--json": (o) => setJson(o, "json"),
  "--latency": (o) => o.modes.add("latency"),
  "--latency-dist": (o) => o.modes.add("latency-dist"),
  "--latency-history": (o) => {
    o.modes.add("latency");
    o.latencyHistory = true;
  },
  "--ldb": setDebugger,
  "--ldb-sync-mode": setDebugger,
  "--memkeys": (o) => o.modes.add("memkeys"),
  "--mono": () => {},
  "--mptcp": (o) => o.multipath = true,
  "--no-auth-warning": (o) => o.noAuthWarning = true,
  "--no-raw": (o) => o.output = "standard",
  "--pipe": (o) => o.modes.add("pipe"),
  "--quoted-input": (o) => o.quotedInput = true,
  "--quoted-json": (o) => setJson(o, "quoted-json"),
  "--raw": (o) => o.output = "raw",
  "--rdma": () => {
    throw new BadOption("Option --rdma is not supported.\n");
  },
  "--replica": (o) => o.modes.add("replica"),
  "--scan": (o) => o.modes.add("scan"),
  "--slave": (o) => o.modes.add("replica"),
  "--stat": (o) => o.modes.add("stat"),
  "--tls": (o) => o.tls = true,
  "--verbose": (o) => o.verbose = true,
};

/** Options with a value; as the last word they are unknown options. */
const SETTINGS: Record<string, (options: Options, value: string) => void> = {
  "-a": (o, value) => o.password = value,
  "-d": (o, value) => o.itemDelimiter = value,
  "-D": (o, value) => o.replyDelimiter = value,
  "-h": (o, value) => o.host = value,
  "-i": (o, value) => o.intervalMs = Math.trunc(leadingFloat(value) * 1e6) / 1e3,
  "-n": (o, value) => o.db = leadingInteger(value),
  "-p": (o, value) => o.port = portOf(value),
  "-r": (o, value) => o.repeat = leadingInteger(value),
  "-s": (o, value) => o.socketPath = value,
  "-t": (o, value) => o.connectTimeoutMs = timeoutOf(value),
  "-u": (o, value) => setUri(o, value),
  "-X": (o, value) => o.stdinTag = value,
  "--cacert": (o, value) => o.caFile = value,
  "--cacertdir": (o, value) => o.caFolder = value,
  "--cert": (o, value) => o.certFile = value,
  "--count": (o, value) => o.scanCount = leadingInteger(value),
  "--eval": (o, value) => o.evalFile = value,
  "--functions-rdb": (o, value) => {
    o.modes.add("functions-rdb");
    o.rdbFile = value;
  },
  "--hotkeys-count": (o, value) => {
    o.modes.add("hotkeys");
    o.hotkeysCount = leadingInteger(value);
  },
  "--intrinsic-latency": (o) => o.modes.add("intrinsic-latency"),
  "--key": (o, value) => o.keyFile = value,
  "--lru-test": (o) => o.modes.add("lru-test"),
  "--memkeys-samples": (o, value) => {
    o.modes.add("memkeys");
    o.memkeysSamples = leadingInteger(value);
  },
  "--pass": (o, value) => o.password = value,
  "--pattern": (o, value) => o.pattern = utf8(value),
  "--pipe-timeout": (o, value) => o.pipeTimeoutSeconds = leadingInteger(value),
  "--quoted-pattern": (o, value) => {
    o.pattern = unquoteWord(utf8(value));
    if (o.pattern === null) {
      throw new BadOption("Invalid quoted string specified for --quoted-pattern.\n");
    }
  },
  "--rdb": (o, value) => {
    o.modes.add("rdb");
    o.rdbFile = value;
  },
  "--sni": (o, value) => o.sni = value,
  "--test_hint": (o, value) => {
    o.modes.add("test-hint");
    o.hintInput = value;
  },
  "--test_hint_file": (o, value) => {
    o.modes.add("test-hint-file");
    o.hintFile = value;
  },
  "--tls-ciphers": (o, value) => o.tlsCiphers = value,
  "--tls-ciphersuites": (o, value) => o.tlsCipherSuites = value,
  "--user": (o, value) => o.user = value,
};

/** Reads the words of the command line. */
export function parseOptions(words: readonly string[], outputIsTty: boolean): ParsedOptions {
  const result: ParsedOptions = {
    options: defaultOptions(outputIsTty),
    first: 0,
    messages: "",
    show: null,
    exit: null,
  };
  try {
    readWords(words, result);
    if (result.exit === null) checkTogether(result);
  } catch (error) {
    if (!(error instanceof BadOption)) throw error;
    result.messages += error.message;
    result.exit = 1;
  }
  return result;
}

function readWords(words: readonly string[], result: ParsedOptions): void {
  const options = result.options;
  for (; result.first < words.length; result.first++) {
    const word = words[result.first];
    const last = result.first === words.length - 1;
    if (word === "--help" || (word === "-h" && last)) return end(result, "usage");
    if (word === "--version" || word === "-v") return end(result, "version");
    if (Object.hasOwn(SWITCHES, word)) {
      SWITCHES[word](options);
    } else if (Object.hasOwn(SETTINGS, word) && !last) {
      SETTINGS[word](options, words[++result.first]);
    } else if (word === "--show-pushes" && !last) {
      result.messages += setPushes(options, words[++result.first]);
    } else if (word.startsWith("--cluster")) {
      // The cluster manager reads all of the rest itself.
      options.modes.add("cluster");
      result.first = words.length;
      return;
    } else if (word.startsWith("-")) {
      throw new BadOption(`Unrecognized option or bad number of args for: '${word}'\n`);
    } else {
      return;
    }
  }
}

function end(result: ParsedOptions, show: "usage" | "version"): void {
  result.show = show;
  result.exit = 0;
}

function checkTogether(result: ParsedOptions): void {
  const options = result.options;
  if (options.socketPath !== null && options.clusterMode) {
    throw new BadOption("Options -c and -s are mutually exclusive.\n");
  }
  if (options.resp2 && options.resp3 === "asked") {
    throw new BadOption("Options -2 and -3 are mutually exclusive.\n");
  }
  if (options.debugScript && options.evalFile === null) {
    throw new BadOption(
      "Options --ldb and --ldb-sync-mode require --eval.\n" +
        "Try valkey-cli --help for more information.\n",
    );
  }
  if (!options.noAuthWarning && options.password !== null) {
    result.messages += "Warning: Using a password with '-a' or '-u' option on the command" +
      " line interface may not be safe.\n";
  }
  if (options.modes.has("rdb") && options.modes.has("functions-rdb")) {
    throw new BadOption("Option --functions-rdb and --rdb are mutually exclusive.\n");
  }
  if (options.lastWordFromStdin && options.stdinTag !== null) {
    throw new BadOption("Options -x and -X are mutually exclusive.\n");
  }
  if (options.preferIpv4 && options.preferIpv6) {
    throw new BadOption("Options -4 and -6 are mutually exclusive.\n");
  }
  if (options.multipath && options.socketPath !== null) {
    throw new BadOption("Options --mptcp is only supported by TCP.\n");
  }
  if (options.multipath) {
    result.messages += "Warning: --mptcp is not supported, plain TCP is used.\n";
  }
}

function setJson(options: Options, output: OutputMode): void {
  if (options.resp3 === "no") options.resp3 = "implied";
  options.output = output;
}

function setDebugger(options: Options): void {
  options.debugScript = true;
  options.output = "raw";
}

function setPushes(options: Options, value: string): string {
  const letter = value.slice(0, 1).toLowerCase();
  if (letter === "y" || letter === "n") {
    options.showPushes = letter === "y";
    return "";
  }
  return `Unknown --show-pushes value '${value}' (valid: '[y]es', '[n]o')\n`;
}

function setUri(options: Options, uri: string): void {
  const parts = parseUri(uri);
  if (parts.problem !== "") throw new BadOption(parts.problem);
  if (parts.tls) options.tls = true;
  options.user = parts.user ?? options.user;
  options.password = parts.password ?? options.password;
  options.host = parts.host ?? options.host;
  options.port = parts.port ?? options.port;
  options.db = parts.db ?? options.db;
  if (options.port < 0 || options.port > PORT_MAX) throw new BadOption("Invalid server port.\n");
}

function portOf(value: string): number {
  const port = leadingInteger(value);
  if ((port === 0 && value !== "0") || port < 0 || port > PORT_MAX) {
    throw new BadOption("Invalid server port.\n");
  }
  return port;
}

function timeoutOf(value: string): number {
  const seconds = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value) ? Number(value) : NaN;
  if (!Number.isFinite(seconds) || seconds < 0) {
    throw new BadOption("Invalid connection timeout for -t.\n");
  }
  return seconds * 1000;
}

/** The integer at the start of a text, 0 when there is none. */
export function leadingInteger(text: string): number {
  const digits = /^\s*([+-]?\d+)/.exec(text);
  return digits === null ? 0 : Number(digits[1]);
}

function leadingFloat(text: string): number {
  const digits = /^\s*([+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?)/i.exec(text);
  return digits === null ? 0 : Number(digits[1]);
}

/** Fills in what the environment says where the command line says nothing. */
export function applyVariables(
  options: Options,
  variables: Readonly<Record<string, string | undefined>>,
  words: readonly string[],
): void {
  options.password ??= variables.VALKEYCLI_AUTH ?? variables.REDISCLI_AUTH ?? null;
  const hostGiven = words.includes("-h") || words.includes("-u");
  const portGiven = words.includes("-p") || words.includes("-u");
  if (!hostGiven && variables.VALKEYCLI_HOST) options.host = variables.VALKEYCLI_HOST;
  if (!portGiven && variables.VALKEYCLI_PORT) {
    options.port = leadingInteger(variables.VALKEYCLI_PORT) || options.port;
  }
}
