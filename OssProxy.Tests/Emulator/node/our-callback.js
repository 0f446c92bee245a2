// Puts a file with Aliyun's SDK, the temporary credentials and the callback that our server answered; prints status and text, as JSON on one line.
const fs = require('fs');
const OSS = require('ali-oss');

const [, , answer, key, picture] = process.argv;

async function put() {
  const sts = JSON.parse(answer);
  const client = new OSS({
    region: sts.region,
    bucket: sts.bucket,
    endpoint: sts.endpoint,
    accessKeyId: sts.accessKeyId,
    accessKeySecret: sts.accessKeySecret,
    stsToken: sts.stsToken,
    authorizationV4: true,
    retryMax: 0,
  });
  const photo = fs.readFileSync(picture);

  // The SDK takes 203 for a failure, and an answer that is no JSON for one without a status: that one is seen before it does.
  let answered;
  const request = client.request.bind(client);
  client.request = async params => (answered = await request(params));
  try {
    await client.put(key, photo, { callback: sts.callback });
  } catch (failure) {
    if (failure.status) return { status: failure.status, text: `<Code>${failure.code}</Code>` };
    if (!answered) throw failure;
  }
  return { status: answered.res.status, text: String(answered.data) };
}

put().then(
  said => console.log(JSON.stringify(said)),
  error => {
    console.error(error);
    process.exit(1);
  },
);
