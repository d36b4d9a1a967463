import { volunteer } from "../ui/texts.ts";

const texts = volunteer.consent;

/** Who runs this, what runs here, what leaves: what pressing Start agrees to. Folded away once that is done. */
export function ConsentCard({ host, isAgreed }: { host: string; isAgreed: boolean }) {
  const list = (
    <dl>
      {texts.items(host).map(({ term, text }) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
  return (
    <section class="panel consent" aria-labelledby="consent-title">
      {isAgreed ? (
        <details>
          <summary>
            <h2 id="consent-title">{texts.title}</h2>
          </summary>
          {list}
        </details>
      ) : (
        <>
          <h2 id="consent-title">{texts.title}</h2>
          {list}
        </>
      )}
    </section>
  );
}
