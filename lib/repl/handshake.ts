// handshake.ts: what a replica says to its primary before the stream begins, line by line.
//
//   PING -> AUTH? REPLCONF listening-port, ip-address?, capa, version (at once) -> PSYNC -> an outcome
//
//   outcome    answer                 what follows on the connection
//   full       +FULLRESYNC id offset  a snapshot (transfer.ts), then the stream behind `offset`
//   full       (no PSYNC there)       a snapshot, then a stream without offsets: SYNC was sent
//   continue   +CONTINUE id?          the stream from the byte asked for
//   later      -NOMASTERLINK ...      nothing; another try is worth while
//   failed     anything else          nothing
//
// An older primary may refuse any REPLCONF: only a refused AUTH or PING ends the handshake.
//
// Source followed: the replication protocol as Valkey 9.1 speaks it.

import { isHistoryId } from "./history.ts";

/** What the handshake says of this replica. */
export interface HandshakeFacts {
  user: string;
  /** "" for no AUTH. */
  password: string;
  port: number;
  /** The address to be shown instead of the real one; "" for none. */
  address: string;
  version: string;
  /** What is known of the primary's history; "" for nothing. */
  id: string;
  /** Number of the byte wanted next; used when there is an id. */
  next: number;
  /** The primary asks its replica to take over. */
  isFailover: boolean;
}

export type Outcome =
  | { kind: "full"; id: string; offset: number }
  | { kind: "continue"; id: string }
  | { kind: "later" }
  | { kind: "failed" };

/** What to do after a line. */
export interface HandshakeStep {
  /** Commands to send, in words. */
  send: readonly (readonly string[])[];
  /** Lines for the log. */
  notes: readonly { isWarning: boolean; text: string }[];
  outcome: Outcome | null;
}

type Wait = "ping" | "auth" | "replconf" | "psync" | "sync";

function quiet(send: readonly (readonly string[])[] = []): HandshakeStep {
  return { send, notes: [], outcome: null };
}

function ended(outcome: Outcome, text: string, isWarning = true): HandshakeStep {
  return { send: [], notes: text === "" ? [] : [{ isWarning, text }], outcome };
}

/** One handshake. */
export class Handshake {
  private readonly facts: HandshakeFacts;
  /** What answers are due, in order. */
  private waits: { wait: Wait; what: string }[] = [{ wait: "ping", what: "PING" }];

  constructor(facts: HandshakeFacts) {
    this.facts = facts;
  }

  /** Whether PSYNC was sent. */
  hasAsked = false;

  /** The commands to begin with. */
  start(): readonly (readonly string[])[] {
    return [["PING"]];
  }

  /** Takes a line without its end. */
  line(text: string): HandshakeStep {
    const due = this.waits[0];
    if (due === undefined) return quiet();
    // Kept alive while the other side prepares its answer.
    if (text === "") return quiet();
    switch (due.wait) {
      case "ping":
        return this.pinged(text);
      case "psync":
        return this.answered(text);
      default:
        return this.configured(due.wait, due.what, text);
    }
  }

  private pinged(text: string): HandshakeStep {
    const isFine = text.startsWith("+") || text.startsWith("-NOAUTH") ||
      text.startsWith("-NOPERM") || text.startsWith("-ERR operation not permitted");
    if (!isFine) return ended({ kind: "failed" }, `Error reply to PING from primary: '${text}'`);
    const { user, password, port, address, version } = this.facts;
    const send: string[][] = [];
    this.waits = [];
    const say = (wait: Wait, what: string, words: string[]) => {
      send.push(words);
      this.waits.push({ wait, what });
    };
    if (password !== "") {
      say("auth", "AUTH", user === "" ? ["AUTH", password] : ["AUTH", user, password]);
    }
    say("replconf", "listening-port", ["REPLCONF", "listening-port", String(port)]);
    if (address !== "") say("replconf", "ip-address", ["REPLCONF", "ip-address", address]);
    say("replconf", "capa", ["REPLCONF", "capa", "eof", "capa", "psync2"]);
    say("replconf", "version", ["REPLCONF", "version", version]);
    return {
      send,
      notes: [{ isWarning: false, text: "Primary replied to PING, replication can continue..." }],
      outcome: null,
    };
  }

  private configured(wait: Wait, what: string, text: string): HandshakeStep {
    if (wait === "auth" && text.startsWith("-")) {
      return ended({ kind: "failed" }, `Unable to AUTH to PRIMARY: ${text}`);
    }
    this.waits.shift();
    const notes = text.startsWith("-")
      ? [{
        isWarning: false,
        text: `(Non critical) Primary does not understand REPLCONF ${what}: ${text}`,
      }]
      : [];
    if (this.waits.length > 0) return { send: [], notes, outcome: null };
    return { ...this.ask(), notes: [...notes, ...this.ask().notes] };
  }

  private ask(): HandshakeStep {
    this.hasAsked = true;
    const { id, next, isFailover } = this.facts;
    const known = id !== "";
    const words = known ? ["PSYNC", id, String(next)] : ["PSYNC", "?", "-1"];
    if (isFailover) words.push("FAILOVER");
    this.waits = [{ wait: "psync", what: "PSYNC" }];
    const text = known
      ? `Trying a partial resynchronization (request ${id}:${next}).`
      : "Partial resynchronization not possible (no cached primary)";
    return { send: [words], notes: [{ isWarning: false, text }], outcome: null };
  }

  private answered(text: string): HandshakeStep {
    if (text.startsWith("+FULLRESYNC")) return this.full(text);
    if (text.startsWith("+CONTINUE")) {
      const id = text.slice("+CONTINUE ".length).trim();
      return ended(
        { kind: "continue", id: isHistoryId(id) ? id : "" },
        "Successful partial resynchronization with primary.",
        false,
      );
    }
    if (text.startsWith("-NOMASTERLINK") || text.startsWith("-LOADING")) {
      return ended(
        { kind: "later" },
        `Primary is currently unable to PSYNC but should be in the future: ${text}`,
        false,
      );
    }
    if (this.facts.isFailover) {
      return ended({ kind: "failed" }, `The target of the failover answered: ${text}`);
    }
    const isError = text.startsWith("-ERR");
    return {
      send: [["SYNC"]],
      notes: [
        {
          isWarning: !isError,
          text: isError
            ? `Primary does not support PSYNC or is in error state (reply: ${text})`
            : `Unexpected reply to PSYNC from primary: ${text}`,
        },
        { isWarning: false, text: "Retrying with SYNC..." },
      ],
      outcome: { kind: "full", id: "", offset: -1 },
    };
  }

  private full(text: string): HandshakeStep {
    const [, id = "", offset = ""] = text.split(" ");
    if (!isHistoryId(id) || !/^\d{1,16}$/.test(offset)) {
      return ended(
        { kind: "full", id: "", offset: -1 },
        "Primary replied with wrong +FULLRESYNC syntax.",
      );
    }
    return ended(
      { kind: "full", id, offset: Number(offset) },
      `Full resync from primary: ${id}:${offset}`,
      false,
    );
  }
}
