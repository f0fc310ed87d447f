/** No test ever sees a key: nobody pays or leaks by accident. */
for (const name of Object.keys(process.env)) {
  if (/KEY|TOKEN|SECRET|^(?:PARLEY|OPENAI|VIDEOSDK|FASTINO)_/i.test(name)) {
    Reflect.deleteProperty(process.env, name);
  }
}
