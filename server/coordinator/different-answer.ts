/** What a quarantined volunteer is told: what happened, without blame, and what may help. */
export const DIFFERENT_ANSWER =
  "Your device gave a different answer than this coordinator, so its work is not used. Faulty memory, an overclocked or " +
  "imprecise GPU can do that; another back-end (?backend=wasm) may help after the operator has lifted the mark.";

/** [PC5] What a tab is told whose back-end computes one model wrong altogether. */
export const OTHER_MODEL_ANSWERS =
  "In every row that was looked at your device computes other answers to the model of this job than the coordinator does. It is sent " +
  "no more work of that model; what else there is goes on. Another back-end may compute it right, for instance ?backend=wasm.";
