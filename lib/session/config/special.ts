// special.ts: the directives with rules of their own. Each is one entry of SPECIALS: how words
// become the canonical text (but for a quirk of notify-keyspace-events the one CONFIG GET shows),
// and the lines it takes in the file.
//
//   name                               words                           canonical text
//   save                               seconds changes ...             the same numbers
//   client-output-buffer-limit         class hard soft seconds ...     all three classes, "slave"
//   oom-score-adj-values               three numbers                   the same numbers
//   notify-keyspace-events             letters                         letters in fixed order
//   bind, rdma-bind                    addresses                       the same, blank between
//   replicaof                          host port | no one              host port, or empty
//   latency-tracking-info-percentiles  numbers                         at most six decimals
//   dir                                one path                        the working directory

import { PORT_MAX } from "./directive.ts";
import { formatBytes, formatDouble, parseBytes, parseDouble, parseLenient } from "./numbers.ts";
import { quoteWord, quoteWordIfNeeded } from "./words.ts";

/** What became of some words: a canonical text, or a complaint and the text "". */
export interface Reading {
  readonly text: string;
  readonly error: string;
}

export function value(text: string): Reading {
  return { text, error: "" };
}

export function complaint(error: string): Reading {
  return { text: "", error };
}

/** Where the words come from. */
export interface ReadState {
  /** The value before, canonical. */
  readonly current: string;
  /** True when `save` adds to what is there instead of replacing it (config file). */
  readonly append: boolean;
}

/** A line of the file for a value, without the name; needed: also when it is not there yet. */
export interface FileLine {
  readonly text: string;
  readonly needed: boolean;
  /** Which of the directive's lines this is, where it has several: its first word. */
  readonly part?: string;
}

export interface SpecialRules {
  read(words: readonly string[], state: ReadState): Reading;
  /** An empty list takes the directive out of the file. */
  write(text: string, initial: string): readonly FileLine[];
  /** The part that a line of the file is about, where it is about one only. */
  part?(words: readonly string[]): string;
  /** What CONFIG GET shows, where that is not the canonical text. */
  show?(text: string): string;
}

const BIND_MAX = 16;
const OOM_VALUES = 3;
const OOM_ABS_MAX = 2000n;
const WRONG_COUNT = "wrong number of arguments";

function single(text: string, initial: string): readonly FileLine[] {
  return [{ text, needed: text !== initial }];
}

// ---- save

function readSave(words: readonly string[], state: ReadState): Reading {
  const cleared = words.length === 1 && words[0] === "";
  const pairs = cleared ? [] : words;
  const bad = complaint("Invalid save parameters");
  if (pairs.length % 2 !== 0) return bad;
  const numbers: string[] = [];
  for (let i = 0; i < pairs.length; i++) {
    const number = parseLenient(pairs[i]);
    if (number === null || number < (i % 2 === 0 ? 1n : 0n)) return bad;
    numbers.push((i % 2 === 0 ? number : BigInt.asIntN(32, number)).toString());
  }
  const before = state.append && !cleared && state.current !== "" ? [state.current] : [];
  return value([...before, ...numbers].join(" "));
}

function writeSave(text: string, initial: string): readonly FileLine[] {
  return [{ text: text === "" ? '""' : text, needed: text !== initial }];
}

// ---- client-output-buffer-limit

const CLIENT_CLASSES = ["normal", "slave", "pubsub"];

function classIndex(word: string): number {
  const name = word.toLowerCase();
  return CLIENT_CLASSES.indexOf(name === "replica" ? "slave" : name);
}

function readBufferLimit(words: readonly string[], state: ReadState): Reading {
  if (words.length % 4 !== 0) {
    return complaint("Wrong number of arguments in buffer limit configuration.");
  }
  const limits = state.current.split(" ");
  for (let i = 0; i < words.length; i += 4) {
    const at = classIndex(words[i]);
    if (at < 0) return complaint("Invalid client class specified in buffer limit configuration.");
    const hard = parseBytes(words[i + 1]);
    const soft = parseBytes(words[i + 2]);
    const long = parseLenient(words[i + 3]);
    const seconds = long === null ? -1n : BigInt.asIntN(32, long);
    if (hard === null || soft === null || seconds < 0n) {
      return complaint(
        "Error in hard, soft or soft_seconds setting in buffer limit configuration.",
      );
    }
    limits[4 * at + 1] = hard.toString();
    limits[4 * at + 2] = soft.toString();
    limits[4 * at + 3] = seconds.toString();
  }
  return value(limits.join(" "));
}

function writeBufferLimit(text: string, initial: string): readonly FileLine[] {
  const words = text.split(" ");
  const before = initial.split(" ");
  return CLIENT_CLASSES.map((name, i) => {
    const at = 4 * i;
    const sizes = `${formatBytes(BigInt(words[at + 1]))} ${formatBytes(BigInt(words[at + 2]))}`;
    const part = name === "slave" ? "replica" : name;
    return {
      part,
      text: `${part} ${sizes} ${words[at + 3]}`,
      needed: words.slice(at, at + 4).join(" ") !== before.slice(at, at + 4).join(" "),
    };
  });
}

function bufferLimitPart(words: readonly string[]): string {
  if (words.length !== 4) return "";
  const name = words[0].toLowerCase();
  return name === "slave" ? "replica" : name;
}

// ---- oom-score-adj-values

function readOomValues(words: readonly string[]): Reading {
  if (words.length !== OOM_VALUES) return complaint(WRONG_COUNT);
  const numbers: string[] = [];
  for (const word of words) {
    const number = parseLenient(word);
    if (number === null || number < -OOM_ABS_MAX || number > OOM_ABS_MAX) {
      return complaint("Invalid oom-score-adj-values, elements must be between -2000 and 2000.");
    }
    numbers.push(number.toString());
  }
  return value(numbers.join(" "));
}

// ---- notify-keyspace-events

/** Classes that "A" stands for. */
const EVENT_CLASSES = "g$lshzxetd";
const EVENT_LETTERS = EVENT_CLASSES + "nKEm";

function readEvents(words: readonly string[]): Reading {
  if (words.length !== 1) return complaint(WRONG_COUNT);
  const letters = new Set(words[0].replaceAll("A", EVENT_CLASSES));
  for (const letter of letters) {
    if (!EVENT_LETTERS.includes(letter)) {
      return complaint("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.");
    }
  }
  const classes = [...EVENT_CLASSES].filter((letter) => letters.has(letter)).join("");
  const others = [..."nKEm"].filter((letter) => letters.has(letter)).join("");
  return value((classes === EVENT_CLASSES ? "A" : classes) + others);
}

/** CONFIG GET leaves out the n beside an A, though it stays in force. */
function showEvents(text: string): string {
  return text.startsWith("An") ? "A" + text.slice(2) : text;
}

function writeEvents(text: string, initial: string): readonly FileLine[] {
  return [{ text: quoteWord(text), needed: text !== initial }];
}

// ---- bind, rdma-bind, replicaof

function readAddresses(words: readonly string[]): Reading {
  if (words.length > BIND_MAX) return complaint("Too many bind addresses specified.");
  return value(words.length === 1 && words[0] === "" ? "" : words.join(" "));
}

function writeAddresses(text: string): string {
  return text === "" ? '""' : text.split(" ").map(quoteWordIfNeeded).join(" ");
}

function readPrimary(words: readonly string[]): Reading {
  if (words.length !== 2) return complaint(WRONG_COUNT);
  const [host, port] = words;
  if (host.toLowerCase() === "no" && port.toLowerCase() === "one") return value("");
  const long = parseLenient(port);
  const number = long === null ? -1n : BigInt.asIntN(32, long);
  if (number < 0n || number > PORT_MAX) return complaint("Invalid primary port");
  return value(`${host} ${number}`);
}

function writePrimary(text: string): readonly FileLine[] {
  if (text === "") return [];
  return [{ text: text.split(" ").map(quoteWordIfNeeded).join(" "), needed: true }];
}

// ---- latency-tracking-info-percentiles

function readPercentiles(words: readonly string[]): Reading {
  if (words.length === 1 && words[0] === "") return value("");
  const shown: string[] = [];
  for (const word of words) {
    const percentile = parseDouble(word);
    if (percentile === null) {
      return complaint("Invalid latency-tracking-info-percentiles parameters");
    }
    if (percentile < 0 || percentile > 100) {
      return complaint(
        "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]",
      );
    }
    shown.push(formatDouble(percentile));
  }
  return value(shown.join(" "));
}

// ---- dir

function readDirectory(words: readonly string[]): Reading {
  if (words.length !== 1) return complaint(WRONG_COUNT);
  return words[0] === "" ? complaint("dir can't be empty") : value(words[0]);
}

/** The rules by directive name. */
export const SPECIALS: Readonly<Record<string, SpecialRules>> = {
  "save": { read: readSave, write: writeSave },
  "client-output-buffer-limit": {
    read: readBufferLimit,
    write: writeBufferLimit,
    part: bufferLimitPart,
  },
  "oom-score-adj-values": { read: readOomValues, write: single },
  "notify-keyspace-events": { read: readEvents, write: writeEvents, show: showEvents },
  "bind": {
    read: readAddresses,
    write: (text, initial) =>
      text === initial ? [] : [{ text: writeAddresses(text), needed: true }],
  },
  "rdma-bind": {
    read: readAddresses,
    write: (text) => text === "" ? [] : [{ text: writeAddresses(text), needed: true }],
  },
  "replicaof": { read: readPrimary, write: writePrimary },
  "latency-tracking-info-percentiles": {
    read: readPercentiles,
    write: (text, initial) => [{ text: text === "" ? '""' : text, needed: text !== initial }],
  },
  "dir": { read: readDirectory, write: (text) => [{ text: quoteWord(text), needed: true }] },
};
