// gates.ts: the bits that keep a request from running at once: gates it must pass, reasons to hold input.
//
// A file of its own so that execute, sessions and transactions share the numbers without importing each other.

/** Gates, in Session.gates and Engine.gates; 0 in both is the common path. */
export const GATE_AUTH = 1;
export const GATE_MULTI = 2;
/** CLIENT REPLY OFF or SKIP is in force. */
export const GATE_REPLY = 4;
/** Clients are paused (engine). */
export const GATE_PAUSE = 8;
/** Every command is measured alone (low COMMANDLOG thresholds). */
export const GATE_TIMING = 16;

/** The client has subscriptions. */
export const GATE_PUBSUB = 32;
/** The client tracks keys (CLIENT TRACKING). */
export const GATE_TRACKING = 64;
/** Somebody monitors (engine), this client does (session). */
export const GATE_MONITOR = 128;
/** Messages of others may come in the middle of a batch of this client: it is the target of a redirection. */
export const GATE_PUSH = 256;

/** There is a memory limit (engine). */
export const GATE_MEMORY = 512;

/** A snapshot is being taken (engine). */
export const GATE_SNAPSHOT = 1024;

/** Everything waits for a command that waits for something outside (engine). */
export const GATE_STANDSTILL = 2048;

/** The disk does not take changes (engine). */
export const GATE_DISK = 4096;

/** The data set is being loaded (engine). */
export const GATE_LOADING = 8192;

/** This server follows another one, or does not write without replicas (engine). */
export const GATE_REPLICATION = 16384;

/** The connection is one of replication: to the primary, or from a replica (session). */
export const GATE_LINK = 32768;

/** Memory is short (engine), or the client sends something large (session). */
export const GATE_ROOM = 65536;

/** Reasons to hold input, in Session.hold. */
export const HOLD_PAUSE = 1;
export const HOLD_BLOCKED = 2;
/** Too many replies are unread. */
export const HOLD_OUTPUT = 4;
export const HOLD_STANDSTILL = 8;
