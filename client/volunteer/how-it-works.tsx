import { volunteerTexts } from "./texts/texts.ts";

export function HowItWorks() {
  const texts = volunteerTexts().how;
  return (
    <section class="panel how" aria-labelledby="how-title">
      <h2 id="how-title">{texts.title}</h2>
      <Picture />
      <ol>
        {texts.steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
    </section>
  );
}

/** Four queries and their mixture; one tab is gone, and the mixture reaches over to its place. */
function Picture() {
  const texts = volunteerTexts().how;
  return (
    <svg class="how-picture" viewBox="0 0 300 84" role="img" aria-label={texts.picture}>
      {[0, 1, 2, 3].map((i) => (
        <rect
          key={i}
          x={i * 62 + 1}
          y="1"
          width="48"
          height="40"
          rx="6"
          class={i === 1 ? "picture-gap" : "picture-tab"}
        />
      ))}
      {[0, 2, 3].map((i) => (
        <path key={i} d={`M${i * 62 + 17} 21l6 6 10-12`} class="picture-tick" />
      ))}
      <rect x="249" y="1" width="48" height="40" rx="6" class="picture-parity" />
      <path d="M265 21l6 6 10-12" class="picture-tick" />
      <path d="M273 45v22a6 6 0 0 1-6 6H93a6 6 0 0 1-6-6V50" class="picture-arrow" />
      <path d="M81 55l6-7 6 7" class="picture-arrow" />
    </svg>
  );
}
