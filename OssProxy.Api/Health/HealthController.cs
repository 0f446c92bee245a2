using Microsoft.AspNetCore.Mvc;
using OssProxy.Api.Envelope;
using OssProxy.Api.Hosting;

namespace OssProxy.Api.Health;

/// <summary>What load balancers ask.</summary>
[ApiController]
public sealed class HealthController(ReadinessProbe probe, UploadDrain drain) : ControllerBase
{
    /// <summary>The process answers.</summary>
    [HttpGet("/healthz")]
    [HttpHead("/healthz")]
    public Reply Alive() => Reply.Ok("alive");

    /// <summary>Uploads can succeed; 503 while the store or the database cannot be reached, and, on connections that are kept, from the moment a stop
    /// begins.</summary>
    [HttpGet("/readyz")]
    [HttpHead("/readyz")]
    public async Task<ObjectResult> ReadyAsync()
    {
        var readiness = await probe.AskAsync(HttpContext.RequestAborted);
        return readiness.IsReady && !drain.IsStopping
            ? Ok(Reply.Ok(readiness))
            : StatusCode(StatusCodes.Status503ServiceUnavailable, new Reply(503, "not ready", readiness));
    }
}
