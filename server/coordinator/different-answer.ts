/** What a quarantined volunteer is told: what happened, without blame, and what may help. */
export const DIFFERENT_ANSWER =
  "Your device gave a different answer than this coordinator, so its work is not used. Faulty memory or an overclocked or " +
  "imprecise GPU can be the reason; another back-end (?backend=wasm) may help once the operator has let this device work again.";

/** [PC11] What a tab is told whose card is left out of a job. */
export const CARDS_LEFT_OUT =
  "Graphics cards and this coordinator may honestly give different answers to this job's model, so it is computed on processors alone. " +
  "Your device goes on with other work, and with this model where its browser computes it in WebAssembly.";

/** [PC5] What a tab is told whose back-end computes one model wrong altogether. */
export const OTHER_MODEL_ANSWERS =
  "In every row that was checked your device computed another answer to this job's model than the coordinator. Your device gets " +
  "no more work of that model, and goes on with other work. Another back-end may compute the model right, for instance ?backend=wasm.";
