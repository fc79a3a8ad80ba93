// client_reply_buffer.ts: the books of a reply buffer that a connection would have elsewhere.
//
// Valkey gives each connection a buffer for replies, 16 KiB at first, and adapts it: while its peak stays below half of
// it, it shrinks to just above the peak; when the peak fills it, it doubles. The peak starts anew every five seconds.
// Fields rbs and rbp of CLIENT LIST show size and peak, and tools read from them how large a client's replies are.
//
// Here all sessions share one writer, so there is nothing to allocate and nothing to free. Only the two numbers are kept,
// by the same rules: one comparison for each flush, and the adaption in the periodic work. The size is that of the reply
// alone, without what an allocator rounds up.
//
// Source followed: the reply buffer resizing of valkey's clients cron.

const BYTES_MAX = 16384;
const BYTES_MIN = 1024;

/** Size and recent peak of a connection's replies. */
export class ReplyBuffer {
  bytes = BYTES_MAX;
  peakBytes = BYTES_MAX;
  /** Wall time when the peak started anew; 0 lets the first look do so. */
  private peakSinceMs = 0;

  /** Notes that `len` bytes of replies were written at once. */
  wrote(len: number): void {
    if (len > this.peakBytes) this.peakBytes = Math.min(len, this.bytes);
  }

  /**
   * Adapts the size; called a few times a second. The peak starts anew after `peakResetMs` (never when negative) at
   * `usedBytes`, the bytes that still wait.
   */
  adapt(nowMs: number, peakResetMs: number, usedBytes: number): void {
    const half = this.bytes >> 1;
    const peak = this.peakBytes;
    if (peakResetMs >= 0 && nowMs - this.peakSinceMs >= peakResetMs) {
      this.peakBytes = Math.min(usedBytes, this.bytes);
      this.peakSinceMs = nowMs;
    }
    if (half >= BYTES_MIN && peak < half) {
      this.bytes = Math.max(BYTES_MIN, peak + 1);
    } else if (peak === this.bytes && this.bytes < BYTES_MAX) {
      this.bytes = Math.min(BYTES_MAX, this.bytes * 2);
    }
  }
}
