/** How programs ask for a named model's vectors, to be copied. Pure. */
export interface CallSnippet {
  readonly language: "curl" | "python" | "node";
  readonly text: string;
}

/** @param origin of the coordinator */
export function callSnippets(id: string, origin: string): CallSnippet[] {
  const base = `${origin}/v1`;
  const body = JSON.stringify({ model: id, input: ["a cat", "a dog"] });
  return [
    {
      language: "curl",
      text: `curl ${base}/embeddings -H "authorization: Bearer $TOKEN" \\\n  -H 'content-type: application/json' -d '${body}'`,
    },
    {
      language: "python",
      text: [
        "from openai import OpenAI",
        "",
        `client = OpenAI(base_url="${base}", api_key="TOKEN")`,
        `answer = client.embeddings.create(model="${id}", input=["a cat", "a dog"])`,
        "vectors = [one.embedding for one in answer.data]",
      ].join("\n"),
    },
    {
      language: "node",
      text: [
        'import OpenAI from "openai";',
        "",
        `const client = new OpenAI({ baseURL: "${base}", apiKey: "TOKEN" });`,
        `const { data } = await client.embeddings.create({ model: "${id}", input: ["a cat", "a dog"] });`,
        "const vectors = data.map(({ embedding }) => embedding);",
      ].join("\n"),
    },
  ];
}
