/** What a quarantined volunteer is told: what happened, without blame, and what may help. */
export const DIFFERENT_ANSWER =
  "Your device gave a different answer than this coordinator, so its work is not used. Faulty memory, an overclocked or " +
  "imprecise GPU can do that; another back-end (?backend=wasm) may help after the operator has lifted the mark.";
