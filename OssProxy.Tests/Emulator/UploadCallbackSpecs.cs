using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace OssProxy.Tests.Emulator;

public sealed class UploadCallbackSpecs : EmulatorSpecs
{
    private const string HelloETag = "\"5D41402ABC4B2A76B9719D911017C592\"";
    private readonly CallbackReceiver _receiver = new();

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Fact]
    public async Task The_receivers_answer_is_the_answer_of_the_upload()
    {
        var order = Order($$"""{"callbackUrl":"http://{{_receiver.Authority}}/a%20b/%E5%9B%BE?id=%2B1","callbackHost":"app.example","callbackBody":"bucket=${bucket}&object=${object}&etag=${etag}&size=${size}&mimeType=${mimeType}&crc64=${crc64}&md5=${contentMd5}&op=${operation}&ip=${clientIp}&x=${x:who}&none=${vpcId}${nothing}&end=${"}""");
        var put = await Client.PutAsync("/photos/dir/a%2Bb", "hello", ("Content-Type", "text/plain; charset=utf-8"),
            ("x-oss-callback", order), ("x-oss-callback-var", Order("""{"x:who":"爱 丽丝"}""")));
        (put.Status, put.Text, put["Content-Type"], put["ETag"]).Should().Be((200, """{"Status":"OK"}""", "application/json", HelloETag));
        put["x-oss-hash-crc64ecma"].Should().NotBeNull();

        var called = await _receiver.NextAsync();
        called.RequestLine.Should().Be("POST /a%20b/%E5%9B%BE?id=%2B1 HTTP/1.1");
        called.Text.Should().Be(
            "bucket=photos&object=dir%2Fa%2Bb&etag=5D41402ABC4B2A76B9719D911017C592&size=5&mimeType=text%2Fplain%3B%20charset%3Dutf-8"
            + $"&crc64={put["x-oss-hash-crc64ecma"]}&md5=XUFAKrxLKna5cZ2REBfFkg%3D%3D&op=PutObject&ip=127.0.0.1&x=%E7%88%B1%20%E4%B8%BD%E4%B8%9D&none=&end=${{");
        var headers = called.Headers;
        (headers["host"], headers["connection"], headers["user-agent"]).Should().Be(("app.example", "close", "aliyun-oss-callback"));
        (headers["content-type"], headers["content-md5"]).Should().Be(("application/x-www-form-urlencoded", Convert.ToBase64String(MD5.HashData(called.Body))));
        (headers["x-oss-bucket"], headers["x-oss-request-id"], headers["x-oss-tag"], headers["x-oss-signature-version"]).Should().Be(("photos", put["x-oss-request-id"]!, "CALLBACK", "1.0"));
        headers.Should().ContainKeys("date", "x-oss-requester").And.NotContainKeys("traceparent", "transfer-encoding");
        (await IsGenuineAsync(called)).Should().BeTrue();
        called.SignedText.Should().StartWith(Encoding.UTF8.GetBytes("/a b/图?id=%2B1\nbucket="));
    }

    [Fact]
    public async Task A_JSON_body_has_text_in_quotes_and_numbers_bare()
    {
        var order = Order($$$"""{"callbackUrl":"{{{_receiver.Authority}}}","callbackBody":"{\"o\":${object},\"s\":${size},\"w\":${imageInfo.width},\"h\":${imageInfo.height},\"f\":${imageInfo.format},\"n\":${x:n}}","callbackBodyType":"application/json"}""");
        byte[] png = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 1, 0x40, 0, 0, 0, 0xF0, 8, 6, 0, 0, 0];
        (await Client.SendAsync("PUT", "/photos/%E5%9B%BE%22", png, ("x-oss-callback", order))).Status.Should().Be(200);
        var called = await _receiver.NextAsync();
        called.Text.Should().Be("""{"o":"图\"","s":29,"w":320,"h":240,"f":"png","n":""}""");
        (called.Target, called.Headers["content-type"], called.Headers["host"]).Should().Be(("/", "application/json", _receiver.Authority));

        (await Client.PutAsync("/photos/text", "no picture", ("x-oss-callback", order))).Status.Should().Be(200);
        (await _receiver.NextAsync()).Text.Should().Be("""{"o":"text","s":10,"w":"","h":"","f":"","n":""}""");
    }

    [Fact]
    public async Task A_form_orders_its_callback_in_a_field_with_its_variables_beside_it()
    {
        var form = new WireForm(("key", "k"), ("callback", Order("size=${size}&order=${x:order}&op=${operation}", _receiver.Authority)), ("x:order", "17"), ("success_action_status", "201"));
        var posted = await form.Signed(WireForm.AnySize).PostAsync(Client);
        (posted.Status, posted.Text).Should().Be((200, """{"Status":"OK"}"""));
        posted["ETag"].Should().NotBeNull();
        (await _receiver.NextAsync()).Text.Should().Be("size=9&order=17&op=PostObject");
        (await form.With(("x:Upper", "1")).Signed(WireForm.AnySize).PostAsync(Client)).Code.Should().Be("InvalidArgument");
    }

    [Fact]
    public async Task Completing_a_multipart_upload_calls_back()
    {
        var started = await Client.SendAsync("POST", "/photos/parts?uploads", []);
        var id = started.Xml.Element("UploadId")!.Value;
        await Client.PutAsync($"/photos/parts?partNumber=1&uploadId={id}", "hello");
        var completed = await Client.SendAsync("POST", $"/photos/parts?uploadId={id}", [],
            ("x-oss-complete-all", "yes"), ("x-oss-callback", Order("size=${size}&md5=${contentMd5}&op=${operation}", _receiver.Authority)));
        (completed.Status, completed.Text).Should().Be((200, """{"Status":"OK"}"""));
        completed["ETag"].Should().EndWith("-1\"");
        (await _receiver.NextAsync()).Text.Should().Be("size=5&md5=&op=CompleteMultipartUpload");
    }

    [Fact]
    public async Task The_order_may_stand_in_the_signed_query_but_not_in_both_places()
    {
        var order = Order("v=${x:v}", _receiver.Authority);
        var target = $"/photos/query?callback={Uri.EscapeDataString(order)}&callback-var={Uri.EscapeDataString(Order("""{"x:v":"1"}"""))}";
        (await Client.PutAsync(target, "hello")).Text.Should().Be("""{"Status":"OK"}""");
        (await _receiver.NextAsync()).Text.Should().Be("v=1");
        var both = await Client.PutAsync(target, "hello", ("x-oss-callback", order));
        (both.Status, both.Code).Should().Be((400, "InvalidArgument"));
        (await Client.GetAsync($"/photos/query?callback={Uri.EscapeDataString(order)}")).Status.Should().Be(501);
    }

    [Theory]
    [InlineData("\u0001", "The callback configuration is not base64 encoded.", "0007-00000002")]
    [InlineData("{", "The callback configuration is not json format.", null)]
    [InlineData("[]", "The callback configuration is not json format.", null)]
    [InlineData("""{"callbackUrl":"a","callbackUrl":"b","callbackBody":"x"}""", "The callback configuration is not json format.", null)]
    [InlineData("""{"callbackBody":"x"}""", "The callback url configuration is invalid.", "0007-00000004")]
    [InlineData("""{"callbackUrl":"","callbackBody":"x"}""", "The callback url configuration is invalid.", "0007-00000004")]
    [InlineData("""{"callbackUrl":"ftp://a.example/","callbackBody":"x"}""", "The callback url configuration is invalid.", "0007-00000004")]
    [InlineData("""{"callbackUrl":"http://[::1]/","callbackBody":"x"}""", "The callback url configuration is invalid.", "0007-00000004")]
    [InlineData("""{"callbackUrl":"www.example.com:test","callbackBody":"x"}""", "The callback url configuration is invalid.", "0007-00000004")]
    [InlineData("""{"callbackUrl":"http://u:p@a.example/","callbackBody":"x"}""", "The callback url configuration is invalid.", "0007-00000004")]
    [InlineData("""{"callbackUrl":"http://a.example/图","callbackBody":"x"}""", "The callback url configuration is invalid.", "0007-00000004")]
    [InlineData("""{"callbackUrl":"http://a.example/;nonsense://","callbackBody":"x"}""", "The callback url configuration is invalid.", "0007-00000004")]
    [InlineData("""{"callbackUrl":"a;b;c;d;e;f","callbackBody":"x"}""", "The number of callback url exceed max value.", "0007-00000005")]
    [InlineData("""{"callbackUrl":"a","callbackBody":"x","callbackHost":"a/b"}""", "The callback host configuration is invalid.", null)]
    [InlineData("""{"callbackUrl":"a","callbackBody":"x","callbackHost":1}""", "The callback host configuration is invalid.", null)]
    [InlineData("""{"callbackUrl":"a","callbackBody":"x","callbackBodyType":"text/plain"}""", "The callback body type configuration is invalid.", null)]
    [InlineData("""{"callbackUrl":"a","callbackBody":""}""", "The callback body is empty.", "0007-00000011")]
    [InlineData("""{"callbackUrl":"a"}""", "The callback body is empty.", "0007-00000011")]
    [InlineData("long", "The length of callback exceed max value.", null)]
    public async Task An_order_that_cannot_be_followed_is_refused_before_the_upload(string json, string message, string? errorCode)
    {
        var order = json switch { "\u0001" => "x123-*&", "long" => Order(new string('x', 4000)), _ => Order(json) };
        var put = await Client.PutAsync("/photos/refused", "hello", ("x-oss-callback", order));
        (put.Status, put.Code, put.Xml.Element("Message")!.Value, put["x-oss-ec"]).Should().Be((400, "InvalidArgument", message, errorCode));
        var posted = await new WireForm(("key", "refused"), ("callback", order)).Signed(WireForm.AnySize).PostAsync(Client);
        (posted.Status, posted.Xml.Element("Message")!.Value).Should().Be((400, message));
        (await Client.GetAsync("/photos/refused")).Status.Should().Be(404);
        Blobs().Should().BeEmpty();
    }

    [Theory]
    [InlineData("""{"who":"1"}""")]
    [InlineData("""{"x:Who":"1"}""")]
    [InlineData("""{"x:":"1"}""")]
    [InlineData("""{"x:who":1}""")]
    [InlineData("[]")]
    public async Task Variables_are_texts_with_names_of_their_own(string variables)
    {
        var put = await Client.PutAsync("/photos/v", "hello", ("x-oss-callback", Order("a=1", _receiver.Authority)), ("x-oss-callback-var", Order(variables)));
        (put.Status, put.Code).Should().Be((400, "InvalidArgument"));
    }

    [Theory]
    [InlineData("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 2\r\n\r\n{}", "Error status : 502.")]
    [InlineData("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}", "Error status : 201.")]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 2\r\n\r\n{}", "Error status : 302.")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", "Error Status : 400.User server missing content-length.")]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}", "Error Status : 400.User server missing content-length.")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{\"a\":", "Response body is not valid json format.")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "Response body is not valid json format.")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n\ufeff{}", "Response body is not valid json format.")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n", "Response body is too large.")]
    [InlineData("", "Error Status : -1.OSS can not connect to your callbackUrl, please check it.")]
    public async Task A_failed_callback_is_203_and_the_object_stays(string answer, string message)
    {
        _receiver.Answer = answer;
        var put = await Client.PutAsync("/photos/kept", "hello", ("x-oss-callback", Order("a=1", _receiver.Authority)));
        (put.Status, put.Code, put.Xml.Element("Message")!.Value, put["x-oss-ec"]).Should().Be((203, "CallbackFailed", message, "0007-00000203"));
        (put["ETag"], put["Content-Type"]).Should().Be((HelloETag, "application/xml"));
        (await Client.GetAsync("/photos/kept")).Text.Should().Be("hello");
        Server.Requests.Snapshot()[0].ErrorCode.Should().Be("CallbackFailed");
    }

    [Fact]
    public async Task URLs_are_tried_in_order_until_one_answers()
    {
        await using var first = new CallbackReceiver { Answer = "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n" };
        await using var last = new CallbackReceiver();
        var put = await Client.PutAsync("/photos/several", "hello", ("x-oss-callback", Order("a=1", $"{first.Authority}/1;http://{_receiver.Authority}/2;{last.Authority}/3")));
        put.Status.Should().Be(200);
        ((await first.NextAsync()).Target, (await _receiver.NextAsync()).Target, last.Waiting).Should().Be(("/1", "/2", 0));

        _receiver.Answer = "HTTP/1.1 503 Later\r\nContent-Length: 0\r\n\r\n";
        put = await Client.PutAsync("/photos/several", "hello", ("x-oss-callback", Order("a=1", $"{first.Authority};{_receiver.Authority}")));
        (put.Status, put.Xml.Element("Message")!.Value).Should().Be((203, "Error status : 503."));
    }

    [Fact]
    public async Task A_receiver_has_five_seconds()
    {
        await Server.DisposeAsync();
        var clock = new Clock(TimeProvider.System.GetUtcNow());
        var options = Options();
        options.TimeProvider = clock;
        await StartAsync(options);
        _receiver.Answer = null;
        var putting = Client.PutAsync("/photos/slow", "hello", ("x-oss-callback", Order("a=1", _receiver.Authority)));
        await _receiver.NextAsync();
        clock.Advance(TimeSpan.FromSeconds(4.9));
        putting.IsCompleted.Should().BeFalse();
        clock.Advance(TimeSpan.FromSeconds(0.1));
        var put = await putting;
        (put.Status, put.Xml.Element("Message")!.Value).Should().Be((203, "Cost too long time."));
    }

    [Theory]
    [InlineData("http://127.0.0.1:9/")]
    [InlineData("http://example.com/;10.1.2.3/x")]
    [InlineData("http://172.31.0.1/")]
    [InlineData("http://192.168.1.1/")]
    [InlineData("http://100.100.100.200/")]
    [InlineData("http://169.254.169.254/")]
    [InlineData("http://2130706433/")]
    public async Task Private_addresses_are_refused_where_that_is_wanted(string url)
    {
        await Server.DisposeAsync();
        var options = Options();
        options.AllowPrivateCallbacks = false;
        await StartAsync(options);
        var put = await Client.PutAsync("/photos/private", "hello", ("x-oss-callback", Order("a=1", url)));
        (put.Status, put.Xml.Element("Message")!.Value).Should().Be((400, "Private address is forbidden to callback."));
    }

    [Fact]
    public async Task A_name_that_leads_to_a_private_address_is_not_called()
    {
        await Server.DisposeAsync();
        var options = Options();
        options.AllowPrivateCallbacks = false;
        await StartAsync(options);
        var put = await Client.PutAsync("/photos/named", "hello", ("x-oss-callback", Order("a=1", _receiver.Authority.Replace("127.0.0.1", "localhost", StringComparison.Ordinal))));
        (put.Status, put.Xml.Element("Message")!.Value, _receiver.Waiting).Should().Be((203, "Private address is forbidden to callback.", 0));
    }

    [Fact]
    public async Task The_key_is_the_folders_own_and_stays()
    {
        var pem = (await Client.SendAsync("GET", "/__emulator/callback_pub_key_v1.pem", null, Signing.None)).Text;
        pem.Should().StartWith("-----BEGIN PUBLIC KEY-----\n");
        Server.CallbackKeyUrl.AbsoluteUri.Should().Be($"{Server.Address}__emulator/callback_pub_key_v1.pem");
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(Path.Combine(Folder, "callback_key.pem")).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);

        await Server.DisposeAsync();
        await StartAsync(Options());
        (await Client.SendAsync("GET", "/__emulator/callback_pub_key_v1.pem", null, Signing.None)).Text.Should().Be(pem);
    }

    private static string Order(string json) => Convert.ToBase64String(Encoding.UTF8.GetBytes(json));

    private static string Order(string body, string urls) => Order(JsonSerializer.Serialize(new { callbackUrl = urls, callbackBody = body }));

    private async Task<bool> IsGenuineAsync(ReceivedCallback called)
    {
        var url = new Uri(Encoding.UTF8.GetString(Convert.FromBase64String(called.Headers["x-oss-pub-key-url"])));
        url.Should().Be(Server.CallbackKeyUrl);
        using var key = RSA.Create();
        key.ImportFromPem((await Client.SendAsync("GET", url.PathAndQuery, null, Signing.None)).Text);
        return key.VerifyData(called.SignedText, Convert.FromBase64String(called.Headers["authorization"]), HashAlgorithmName.MD5, RSASignaturePadding.Pkcs1);
    }
}
