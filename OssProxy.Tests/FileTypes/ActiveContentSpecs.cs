using System.Text;
using OssProxy.Core.FileTypes;

namespace OssProxy.Tests.FileTypes;

public class ActiveContentSpecs
{
    public static readonly TheoryData<string, string> Disguises = new()
    {
        // SVG
        { "svg", "<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>" },
        { "svg", "<?xml version=\"1.0\"?>\n<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"x.dtd\">\n<svg/>" },
        { "svg", "\uFEFF  \r\n\t<!-- a comment --><SVG\nviewBox='0 0 1 1'><script>alert(1)</script></SVG>" },
        { "svg", "<?xml version='1.0'?><s:svg xmlns:s='http://www.w3.org/2000/svg'><s:a/></s:svg>" },
        { "svg", "<!DOCTYPE svg [<!ENTITY a \"b\">]><svg>&a;</svg>" },
        { "svg", "not markup at first sight <svg/onload=alert(1)>" },

        // HTML, by the table of WHATWG MIME Sniffing 7.1 and around it
        { "html", "<!DOCTYPE HTML><title>x</title>" },
        { "html", "<!doctype html>\n" },
        { "html", "<HtMl><p>hello</p>" },
        { "html", "<head><title>x</title>" },
        { "html", "<script>alert(1)</script>" },
        { "html", "<iframe src=javascript:alert(1)>" },
        { "html", "<h1>hello</h1>" },
        { "html", "<div class=x>hello" },
        { "html", "<font color=red>hello" },
        { "html", "<table><tr><td>1" },
        { "html", "<a href=javascript:alert(1)>x</a>" },
        { "html", "<style>*{color:red}</style>" },
        { "html", "<title>x</title>" },
        { "html", "<b>x</b>" },
        { "html", "<body onload=alert(1)>" },
        { "html", "<br>hello" },
        { "html", "<p>hello" },
        { "html", "<!-- only a comment -->" },
        { "html", "<!-- open comment <img src=x onerror=alert(1)>" },
        { "html", " \t\r\n\f<html>" },
        { "html", "\uFEFF<html>" },
        { "html", "<img src=x onerror=alert(1)>" },
        { "html", "Dear all, <img src=x onerror = alert(1)> regards" },
        { "html", "Dear all, <video/src=x/onerror=alert(1)> regards" },
        { "html", "Dear all, <a title=\"x\"onclick=alert(1)> regards" },
        { "html", "Dear all, <script src=//evil></script>" },
        { "html", "Dear all, <sCrIpT\n>alert(1)" },
        { "html", "Dear all, <iframe/src=//evil>" },
        { "html", "Dear all, <meta http-equiv=refresh content=0>" },
        { "html", "</p><p>x" },
        { "html", "<custom-element>x" },
        { "hta", "<hta:application id=a/><x>" },

        // XML
        { "xml", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\"/>" },
        { "xml", "<?xml-stylesheet href=\"x.xsl\"?><a/>" },
        { "xml", "<!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY lol2 \"&lol;&lol;\">]><lolz>&lol2;</lolz>" },

        // Programs for servers
        { "php", "<?php system($_GET['c']); ?>" },
        { "php", "<?= `id` ?>" },
        { "php", "<?\nsystem('id');" },
        { "php", "Nothing to see here <?PHP system('id');" },
        { "server page", "<%@ page language=\"java\" %>" },
        { "server page", "hello <%= Runtime.getRuntime() %>" },

        // Scripts
        { "shell script", "#!/bin/sh\nrm -rf ~\n" },
        { "shell script", "\uFEFF#!/usr/bin/env python3\nprint(1)\n" },
        { "batch file", "@ECHO OFF\r\ndel /q *.*\r\n" },
        { "url shortcut", "[InternetShortcut]\r\nURL=file://evil/x\r\n" },
        { "desktop shortcut", "[Desktop Entry]\nExec=sh -c id\n" },
        { "registry file", "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_CURRENT_USER]\r\n" },
        { "javascript", "alert(document.cookie)" },
        { "javascript", "'use strict';\nvar x = 1;" },
        { "javascript", "/* a */ // b\n(function () { alert(1) })()" },
        { "javascript", "var x = 1; alert(x)" },
        { "javascript", "const a = () => 1;" },
        { "javascript", "function steal(x) { return x }" },
        { "vbscript", "On Error Resume Next\r\nSet x = 1" },
    };

    [Theory]
    [MemberData(nameof(Disguises))]
    public void Active_content_is_refused_under_any_name(string name, string text)
    {
        foreach (var extension in (string?[])[null, ".png", ".jpg", ".txt", ".svg", ".pdf"])
            Sample.Identify(text, extension).ShouldBeRefused(RefusalReason.ActiveContent, name);
    }

    [Theory]
    [MemberData(nameof(Disguises))]
    public void Active_content_in_UTF_16_is_refused_with_and_without_a_mark(string name, string text)
    {
        text = text.TrimStart('\uFEFF');
        foreach (var encoding in (Encoding[])[Encoding.Unicode, Encoding.BigEndianUnicode])
        {
            Sample.Identify([.. encoding.Preamble, .. encoding.GetBytes(text)], ".txt").ShouldBeRefused(RefusalReason.ActiveContent, name);
            Sample.Identify(encoding.GetBytes(text), ".png").ShouldBeRefused(RefusalReason.ActiveContent, name);
        }
    }

    [Theory]
    [MemberData(nameof(Disguises))]
    public void Active_content_behind_a_long_blank_is_refused(string name, string text) =>
        Sample.Identify(new string(' ', 4000) + text.TrimStart('\uFEFF', '#', '!') + "\n#", ".png")
            .IsAccepted.Should().BeFalse("{0} does not become harmless by white space", name);

    [Theory]
    [InlineData(".html", "html")]
    [InlineData(".SVG", "svg")]
    [InlineData(".js", "js")]
    [InlineData(".php", "php")]
    [InlineData(".sh", "sh")]
    [InlineData(".hta", "hta")]
    [InlineData(".bat", "bat")]
    [InlineData(".xml", "xml")]
    public void Innocent_text_under_an_active_name_is_refused(string extension, string name) =>
        Sample.Identify("Good morning, this is a letter.", extension).ShouldBeRefused(RefusalReason.ActiveContent, name);

    [Theory]
    [InlineData("if a < b and b > c then the order is right")]
    [InlineData("List<Object> items; vector<int> numbers; Map<String, Body> table")]
    [InlineData("let us begin with a few words about functions")]
    [InlineData("function words are short; import duties are high")]
    [InlineData("<3 <3 <3 from all of us at the office")]
    [InlineData("5 <% 6 and #! is not at the beginning")]
    [InlineData("价格 <100 元，数量 >5，请注意：on=1 不是事件")]
    public void Prose_with_signs_in_it_stays_text(string text) => Sample.Identify(text, ".txt").ShouldBe("txt");
}
