package dev.ssehub;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.deque.html.axecore.results.Rule;
import com.deque.html.axecore.selenium.AxeBuilder;
import java.util.logging.Level;
import org.openqa.selenium.By;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WindowType;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** A headless Chromium that a test drives. */
final class Browser implements AutoCloseable {
    private final ChromeDriver driver;

    private Browser(File chromium, File chromedriver) {
        ChromeOptions options = new ChromeOptions();
        options.setBinary(chromium);
        options.addArguments("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1000,700");
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        logs.enable(LogType.PERFORMANCE, Level.ALL);
        options.setCapability("goog:loggingPrefs", logs);
        driver = new ChromeDriver(
                new ChromeDriverService.Builder().usingDriverExecutable(chromedriver).usingAnyFreePort().build(),
                options);
        driver.manage().timeouts().scriptTimeout(Duration.ofMinutes(2)); // a generated schedule takes long on a busy machine
    }

    /**
     * Starts a browser. Without Chromium the test is skipped; in CI it fails. The build without windows is preferred: it is the
     * same engine and takes half of the CPU time.
     */
    static Browser start() {
        Optional<File> chromium = program("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome");
        Optional<File> chromedriver = program("chromedriver");
        boolean installed = chromium.isPresent() && chromedriver.isPresent();
        String missing = "the browser tests need chromium and chromedriver on the PATH (Debian: apt-get install chromium"
                + " chromium-driver)";
        if (System.getenv("CI") != null) {
            assertThat(installed).as(missing).isTrue();
        }
        if (!installed) {
            System.out.println("SKIPPED: " + missing);
        }
        assumeTrue(installed, "SKIPPED: " + missing);
        return new Browser(chromium.orElseThrow(), chromedriver.orElseThrow());
    }

    private static Optional<File> program(String... names) {
        List<String> folders = List.of(System.getenv("PATH").split(File.pathSeparator));
        return Stream.of(names).flatMap(name -> folders.stream().map(folder -> new File(folder, name))).filter(File::canExecute)
                .findFirst();
    }

    void open(String url) {
        driver.get(url);
    }

    /** Opens the URL in a new tab and returns the handle of the tab. */
    String openTab(String url) {
        driver.switchTo().newWindow(WindowType.TAB);
        driver.get(url);
        return driver.getWindowHandle();
    }

    void switchTo(String tab) {
        driver.switchTo().window(tab);
    }

    /** Freezes the tab as a phone does to save power, or resumes it. */
    void freeze(boolean frozen) {
        driver.executeCdpCommand("Page.setWebLifecycleState", Map.of("state", frozen ? "frozen" : "active"));
    }

    String tab() {
        return driver.getWindowHandle();
    }

    /** Closes a tab. The caller must then switch to another tab. */
    void closeTab(String tab) {
        driver.switchTo().window(tab).close();
    }

    /** Runs a script in the page as the body of an async function, and returns its result. */
    Object await(String script, Object... arguments) {
        Object result = driver.executeAsyncScript("const done = arguments[arguments.length - 1];"
                + "(async (...arguments) => {" + script
                + "})(...arguments).then(result => done({result}), error => done({error: `${error}`}))",
                arguments);
        Map<?, ?> map = (Map<?, ?>) result;
        assertThat(map.get("error")).isNull();
        return map.get("result");
    }

    /** Runs a script in the page as the body of a function, and returns its result. */
    Object run(String script, Object... arguments) {
        return driver.executeScript(script, arguments);
    }

    /** Runs a script in every page opened from now on, before the page's own scripts. The returned action undoes that. */
    Runnable runBeforePages(String script) {
        Object id = driver.executeCdpCommand("Page.addScriptToEvaluateOnNewDocument", Map.of("source", script)).get("identifier");
        return () -> driver.executeCdpCommand("Page.removeScriptToEvaluateOnNewDocument", Map.of("identifier", id));
    }

    /** Sets whether pages ignore their Content-Security-Policy. */
    void ignoreContentPolicy(boolean ignored) {
        driver.executeCdpCommand("Page.setBypassCSP", Map.of("enabled", ignored));
    }

    /** Types keys into an element as a user does. */
    void type(String selector, CharSequence... keys) {
        driver.findElement(By.cssSelector(selector)).sendKeys(keys);
    }

    /** Clicks an element as a user does: a hidden or covered element cannot be clicked. */
    void click(String selector) {
        driver.findElement(By.cssSelector(selector)).click();
    }

    String text(String selector) {
        return String.valueOf(run("return document.querySelector(arguments[0]).textContent", selector));
    }

    List<?> texts(String selector) {
        return (List<?>) run("return [...document.querySelectorAll(arguments[0])].map(e => e.textContent)", selector);
    }

    /** Returns the console messages since the last call. */
    List<String> console() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream().map(LogEntry::getMessage).toList();
    }

    /** Returns the URLs requested since the last call. */
    List<String> requests() {
        return driver.manage().logs().get(LogType.PERFORMANCE).getAll().stream().map(LogEntry::getMessage)
                .filter(message -> message.contains("\"Network.requestWillBeSent\""))
                .map(message -> message.replaceFirst(".*\"request\":\\{.*?\"url\":\"([^\"]*)\".*", "$1")).toList();
    }

    /** Returns the rules of WCAG and of good practice that axe finds violated in the page. */
    List<String> accessibilityViolations() {
        return new AxeBuilder().analyze(driver).getViolations().stream().map(Rule::toString).toList();
    }

    byte[] screenshot() {
        return driver.getScreenshotAs(OutputType.BYTES);
    }

    /** Sets the preferred colour scheme and the size of the window. */
    void emulate(String colorScheme, int width, int height) {
        driver.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("features",
                Arrays.asList(Map.of("name", "prefers-color-scheme", "value", colorScheme))));
        driver.executeCdpCommand("Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
    }

    @Override
    public void close() {
        // Debian starts Chromium from a shell script, and quit() may end only the script
        long script = (Long) driver.getCapabilities().getCapability("goog:processID");
        List<ProcessHandle> processes = ProcessHandle.of(script).stream().flatMap(ProcessHandle::descendants).toList();
        driver.quit();
        processes.forEach(ProcessHandle::destroyForcibly);
    }
}
