// history.ts: whose stream of changes a data set is the result of, and how far: what decides whether a replica that was
// away may go on, or must begin with a snapshot.
//
//   id, offset               this history, and how many bytes of its stream are in the data
//   id2, secondOffset        the history before (of the former primary): good for bytes numbered up to secondOffset
//
//   new primary   --promote--> id2 = id, secondOffset = offset + 1, id = a new one
//   +CONTINUE new --inherit--> id2 = id, secondOffset = offset + 1, id = the primary's new one
//   full resync   --adopt----> id, offset = the primary's; nothing before
//
// INVARIANT: two servers with the same id and the same offset hold the same data.

const ID_CHARS = 40;
/** No id. */
export const NO_ID = "0".repeat(ID_CHARS);

/** Why a stream cannot go on. */
export type Refusal = "" | "other" | "late";

/** The history of one data set. */
export class History {
  id: string;
  id2 = NO_ID;
  offset = 0;
  /** First byte number of the second id that is not common any more, -1 without a second id. */
  secondOffset = -1;
  private readonly newId: () => string;

  /** `newId` makes 40 random hex digits. */
  constructor(newId: () => string) {
    this.newId = newId;
    this.id = newId();
  }

  /** A new history that has nothing in common with any other. */
  renew(): void {
    this.id = this.newId();
    this.forgetSecond();
  }

  private forgetSecond(): void {
    this.id2 = NO_ID;
    this.secondOffset = -1;
  }

  /** From here on this server makes its own history. */
  promote(): void {
    this.inherit(this.newId());
  }

  /** The same history goes on under another id. */
  inherit(id: string): void {
    this.id2 = this.id;
    this.secondOffset = this.offset + 1;
    this.id = id;
  }

  /** The data set was replaced by that of another server. */
  adopt(id: string, offset: number): void {
    this.id = id;
    this.offset = offset;
    this.forgetSecond();
  }

  /** A restarted primary: what was loaded is the end of history `id`, the new one goes on behind it. */
  continueAfter(id: string, offset: number): void {
    this.id2 = id;
    this.secondOffset = offset + 1;
    this.offset = offset;
  }

  /** Whether one who has this history up to before byte number `next` may go on; "late": only under the second id. */
  refusal(id: string, next: number): Refusal {
    const wanted = id.toLowerCase();
    if (wanted === this.id) return "";
    if (wanted !== this.id2 || this.id2 === NO_ID) return "other";
    return next <= this.secondOffset ? "" : "late";
  }
}

/** Whether the text has the form of an id. */
export function isHistoryId(text: string): boolean {
  return text.length === ID_CHARS;
}
