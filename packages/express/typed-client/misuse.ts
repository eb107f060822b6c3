import createClient from "openapi-fetch";

const client = createClient<paths>({ baseUrl: "https://example.com" });

const params = { path: { credentialId: "c" } };

/** Each of these is a mistake that the document's types must not let through. */
export const mistakes = [
  // @ts-expect-error There is no such path.
  () => client.GET("/credential"),
  // @ts-expect-error There is no such method.
  () => client.PUT("/credentials"),
  // @ts-expect-error The body is missing.
  () => client.POST("/credentials"),
  // @ts-expect-error A company's id is text.
  () => client.POST("/credentials/test", { body: { companyId: 5 } }),
  // @ts-expect-error The path's parameter is missing.
  () => client.GET("/credentials/{credentialId}"),
  // @ts-expect-error Nothing else is synced.
  () => client.POST("/credentials/{credentialId}/sync", { params, body: { data: "jobs" } }),
  async () => {
    const { data } = await client.GET("/credentials/metadata");
    // @ts-expect-error There is no such field in the answer.
    return data?.field;
  },
];
