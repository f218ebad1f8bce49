/** The pause between the customer's last word and the bot's first sound, as the browser hears both. Milliseconds. */

const VOICE = 0.03; // level of a voice at a microphone; below it is the room
const BOT_PAUSE_MS = 400; // a gap this long between two sounds of the bot is a new turn

export class Reaction {
  private lastVoice: number | null = null;
  private lastBot = -Infinity;
  last: number | null = null;

  heardCustomer(level: number, now: number) {
    if (level >= VOICE) this.lastVoice = now;
  }

  heardBot(now: number) {
    if (now - this.lastBot > BOT_PAUSE_MS && this.lastVoice !== null) {
      this.last = Math.max(0, now - this.lastVoice);
      this.lastVoice = null;
    }
    this.lastBot = now;
  }
}
