import { volunteer } from "../ui/texts.ts";

const texts = volunteer.consent;

/** Who runs this, what runs here, what leaves: what pressing Start agrees to. */
export function ConsentCard({ host }: { host: string }) {
  return (
    <aside class="panel consent" aria-labelledby="consent-title">
      <h2 id="consent-title">{texts.title}</h2>
      <dl>
        {texts.items(host).map(({ term, text }) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </aside>
  );
}
