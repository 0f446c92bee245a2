// Asks for a role with Aliyun's SDK, uploads with what it got, and prints what was answered, as JSON on one line.
const OSS = require('ali-oss');

const [, , port, authorizationV4, accessKeyId, accessKeySecret, role] = process.argv;
const endpoint = `http://127.0.0.1:${port}`;

async function walk() {
  const said = {};
  const sts = new OSS.STS({ accessKeyId, accessKeySecret, endpoint });
  const policy = {
    Version: '1',
    Statement: [
      {
        Effect: 'Allow',
        Action: ['oss:PutObject', 'oss:AbortMultipartUpload', 'oss:ListParts'],
        Resource: ['acs:oss:*:*:photos/user/eric/*'],
      },
      {
        Effect: 'Allow',
        Action: 'oss:ListObjects',
        Resource: 'acs:oss:*:*:photos',
        Condition: { StringLike: { 'oss:Prefix': ['user/eric/*'] } },
      },
    ],
  };
  const { credentials } = await sts.assumeRole(role, policy, 900, 'app-1');
  said.temporary = credentials.AccessKeyId.startsWith('STS.') && new Date(credentials.Expiration) > new Date();

  const client = new OSS({
    region: 'oss-cn-hangzhou',
    bucket: 'photos',
    endpoint,
    accessKeyId: credentials.AccessKeyId,
    accessKeySecret: credentials.AccessKeySecret,
    stsToken: credentials.SecurityToken,
    authorizationV4: authorizationV4 === 'true',
    retryMax: 0,
  });
  const refused = promise => promise.then(() => 'done', error => `${error.status} ${error.code}`);
  said.put = (await client.put('user/eric/a.txt', Buffer.from('hello'))).res.status;
  said.multipart = (await client.multipartUpload('user/eric/large.bin', Buffer.alloc(250 * 1024, 7), { partSize: 100 * 1024 })).res.status;
  said.list = (await client.listV2({ prefix: 'user/eric/' })).objects.map(o => o.name);
  said.otherPrefix = await refused(client.put('user/bob/a.txt', Buffer.from('hello')));
  said.otherListing = await refused(client.listV2({ prefix: 'user/' }));
  said.delete = await refused(client.delete('user/eric/a.txt'));
  said.get = await refused(client.get('user/eric/a.txt'));
  client.useBucket('secret');
  said.otherBucket = await refused(client.put('user/eric/a.txt', Buffer.from('hello')));

  said.noRole = await refused(sts.assumeRole('acs:ram::1000000000000000:role/none', policy));
  said.short = await refused(sts.assumeRole(role, policy, 60));
  said.stranger = await refused(new OSS.STS({ accessKeyId, accessKeySecret: 'wrong', endpoint }).assumeRole(role));
  return said;
}

walk().then(
  said => console.log(JSON.stringify(said)),
  error => {
    console.error(error);
    process.exit(1);
  }
);
