// The live stream: server-sent events read by fetch, since EventSource cannot carry a token.

import { RequestError, request } from "./session.js";

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 15000;
const LONGEST_SILENCE_MS = 45000; // the server says something every 15 s

/** Puts pieces of text together into messages {id, kind, data}. */
export class MessageReader {
  #rest = "";

  /** The messages completed by this piece. */
  read(piece) {
    this.#rest += piece;
    const blocks = this.#rest.split("\n\n");
    this.#rest = blocks.pop();
    return blocks.map(readBlock).filter((message) => message !== null);
  }
}

function readBlock(block) {
  const message = { id: null, kind: "message", data: "" };
  for (const line of block.split("\n")) {
    const [, name, value] = /^(\w*): ?(.*)$/.exec(line) ?? [];
    if (name === "id") message.id = value;
    else if (name === "event") message.kind = value;
    else if (name === "data") message.data += value;
  }
  return message.data === "" ? null : { ...message, data: JSON.parse(message.data) };
}

/**
 * Follow the stream until stopped, resuming after every break where it left off.
 * `on` holds functions: message(kind, data), state("connecting" | "live" | "lost"),
 * refused(RequestError).
 */
export class LiveStream {
  #on;
  #lastId = null;
  #stopping = new AbortController();

  constructor(on) {
    this.#on = on;
  }

  stop() {
    this.#stopping.abort();
  }

  async run() {
    let wait_ms = FIRST_WAIT_MS;
    while (!this.#stopping.signal.aborted) {
      this.#on.state("connecting");
      try {
        await this.#follow(() => (wait_ms = FIRST_WAIT_MS));
      } catch (error) {
        if (error instanceof RequestError && error.isTokenProblem) {
          this.#on.refused(error);
          return;
        }
      }
      if (this.#stopping.signal.aborted) return;
      this.#on.state("lost");
      await pause(wait_ms * (0.5 + Math.random() / 2), this.#stopping.signal);
      wait_ms = Math.min(wait_ms * 2, LONGEST_WAIT_MS);
    }
  }

  async #follow(onReady) {
    const connection = new AbortController();
    const abort = () => connection.abort();
    this.#stopping.signal.addEventListener("abort", abort);
    let silence = setTimeout(abort, LONGEST_SILENCE_MS);
    const headers = this.#lastId === null ? {} : { "Last-Event-ID": this.#lastId };
    try {
      const answer = await request("/stream", { headers, signal: connection.signal });
      const pieces = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      const reader = new MessageReader();
      for (;;) {
        const { done, value } = await pieces.read();
        if (done) return;
        clearTimeout(silence);
        silence = setTimeout(abort, LONGEST_SILENCE_MS);
        for (const message of reader.read(value)) this.#hand(message, onReady);
      }
    } finally {
      clearTimeout(silence);
      this.#stopping.signal.removeEventListener("abort", abort);
    }
  }

  #hand(message, onReady) {
    if (message.id !== null) this.#lastId = message.id;
    if (message.kind === "ready") {
      onReady();
      this.#on.state("live");
    }
    this.#on.message(message.kind, message.data);
  }
}

function pause(time_ms, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, time_ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()));
  });
}
