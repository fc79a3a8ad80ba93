// push_joiner.ts: messages that leave together become one piece of bytes, made once for all sessions that get the same.
//
// Subscribers of a channel wait for the very same pieces in the same order. So the joined bytes of the session before are
// mostly those of the next one, and comparing references is all that is left to do.

/** Joins pieces, remembering the last ones. */
export class PushJoiner {
  private pieces: readonly Uint8Array[] = [];
  private joined = new Uint8Array(0);

  /** The pieces one after the other, `bytes` in all. Neither the pieces nor the result may be changed. */
  join(pieces: readonly Uint8Array[], bytes: number): Uint8Array {
    if (pieces.length === 1) return pieces[0];
    if (this.isSame(pieces)) return this.joined;
    const joined = new Uint8Array(bytes);
    let at = 0;
    for (const piece of pieces) {
      joined.set(piece, at);
      at += piece.length;
    }
    this.pieces = pieces;
    this.joined = joined;
    return joined;
  }

  private isSame(pieces: readonly Uint8Array[]): boolean {
    const last = this.pieces;
    if (last.length !== pieces.length) return false;
    for (let i = 0; i < last.length; i++) if (last[i] !== pieces[i]) return false;
    return true;
  }

  /** Lets go of what is remembered. */
  clear(): void {
    if (this.pieces.length === 0) return;
    this.pieces = [];
    this.joined = new Uint8Array(0);
  }
}
